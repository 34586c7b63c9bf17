"""Which certificate authorities are trusted: the system's, and beside them those in the file TLS_CA_FILE names."""

import re
import ssl
from pathlib import Path

PEM = re.compile(
    r"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----.+?-----END (?:TRUSTED |X509 )?CERTIFICATE-----", re.DOTALL
)


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """For a client: certificates and host names are verified. OSError (ssl.SSLError is one) for a bad file."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def system_directory() -> str | None:
    """Where the system keeps its authorities by their hashes, for a library that takes no more than paths."""
    return ssl.get_default_verify_paths().capath


def bundle(ca_file: Path) -> str:
    """The system's authorities and those in the file, in PEM form, for a library that takes one file alone."""
    paths = ssl.get_default_verify_paths()
    folder = sorted(Path(paths.capath).iterdir()) if paths.capath else []
    files = [Path(paths.cafile)] if paths.cafile else []
    found = (text for file in (*files, *folder, ca_file) for text in _certificates(file))
    return "\n".join(dict.fromkeys(found)) + "\n"


def _certificates(file: Path) -> list[str]:
    """The authorities in a file; none if it holds none or cannot be read, as OpenSSL does with the files in its
    folder.
    """
    try:
        return PEM.findall(file.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return []


def readable(ca_file: Path) -> Path:
    """The file, if it holds authorities; ValueError says why it is of no use."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(ca_file)
    except ssl.SSLError:
        raise ValueError(f"{ca_file} holds no certificate in PEM form") from None
    except OSError as error:
        raise ValueError(f"{ca_file} cannot be read: {error.strerror or error}") from None
    return ca_file
