"""Which certificate authorities are trusted: the system's, and those in the file that TLS_CA_FILE names."""

import re
import ssl
from pathlib import Path

PEM = re.compile(
    r"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----.+?-----END (?:TRUSTED |X509 )?CERTIFICATE-----", re.DOTALL
)


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
