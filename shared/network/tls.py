"""Which certificate authorities are trusted: the system's, and those in the file that TLS_CA_FILE names. And the
certificate that we show where a server asks for one.
"""

import re
import ssl
from dataclasses import dataclass
from pathlib import Path

NOT_FOR_THIS_NAME = (62, 64)
EXPIRED, UNKNOWN = (10,), (18, 19, 20, 21)
"""OpenSSL's codes, as SSLCertVerificationError has them."""

PEM = re.compile(
    r"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----.+?-----END (?:TRUSTED |X509 )?CERTIFICATE-----", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Files:
    """What TLS_CA_FILE, TLS_CERT_FILE and TLS_KEY_FILE name. The last two are both set, or neither."""

    authorities: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """A client's context. It verifies certificates and host names. OSError (ssl.SSLError is one) for a bad file."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def system_directory() -> str | None:
    """The folder where the system keeps its authorities by hash, for a library that only takes paths."""
    return ssl.get_default_verify_paths().capath


def bundle(ca_file: Path) -> str:
    """The system's authorities and those in the file, in PEM form, for a library that takes only one file."""
    paths = ssl.get_default_verify_paths()
    folder = sorted(Path(paths.capath).iterdir()) if paths.capath else []
    files = [Path(paths.cafile)] if paths.cafile else []
    found = (text for file in (*files, *folder, ca_file) for text in _certificates(file))
    return "\n".join(dict.fromkeys(found)) + "\n"


def _certificates(file: Path) -> list[str]:
    """The authorities in a file. If the file cannot be read there are none: OpenSSL skips such a file too."""
    try:
        return PEM.findall(file.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return []


def readable(ca_file: Path) -> Path:
    """Returns the file if it holds authorities. Raises ValueError that says why it cannot be used."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(ca_file)
    except ssl.SSLError:
        raise ValueError(f"{ca_file} holds no certificate in PEM form") from None
    except OSError as error:
        raise ValueError(f"{ca_file} cannot be read: {error.strerror or error}") from None
    return ca_file


def usable(certificate: Path, key: Path) -> str | None:
    """Why a client's certificate and its key cannot be used together, else None."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, key, password="")
    except ssl.SSLError:
        return f"{certificate} and {key} are not a certificate and its key in PEM form, without a password"
    except OSError as error:
        return f"{certificate} or {key} cannot be read: {error.strerror or error}"
    return None


def distrust(error: BaseException) -> str | None:
    """What is wrong with a server's certificate, said behind the server's name. None if it is something else."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        return None
    said = error.verify_message.rstrip(".")
    if error.verify_code in EXPIRED:
        return "has a certificate that has expired"
    if error.verify_code in NOT_FOR_THIS_NAME:
        return f"has a certificate for another name: {said}"
    if error.verify_code in UNKNOWN:
        return f"has a certificate of an authority that is neither the system's nor in TLS_CA_FILE: {said}"
    return f"has a certificate that is not trusted: {said}"
