"""Which certificate authorities are trusted: the system's, and beside them those in the file TLS_CA_FILE names."""

import ssl
from pathlib import Path


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """For a client: certificates and host names are verified. OSError (ssl.SSLError is one) for a bad file."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def system_directory() -> str | None:
    """Where the system keeps its authorities by their hashes, for a library that takes no more than paths."""
    return ssl.get_default_verify_paths().capath


def readable(ca_file: Path) -> Path:
    """The file, if it holds authorities; ValueError says why it is of no use."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(ca_file)
    except ssl.SSLError:
        raise ValueError(f"{ca_file} holds no certificate in PEM form") from None
    except OSError as error:
        raise ValueError(f"{ca_file} cannot be read: {error.strerror or error}") from None
    return ca_file
