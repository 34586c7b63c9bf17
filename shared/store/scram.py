"""A password as PostgreSQL keeps it: SCRAM-SHA-256, RFC 5802 and 7677. Pure.

Who is given this can set the password, and can neither read it nor sign in with it. It may so stand in a log.
"""

import base64
import hashlib
import hmac

ITERATIONS = 4096
"""PostgreSQL's default, and the least of RFC 7677. A guess costs little then: passwords are to be random."""
SALT_BYTES = 16


def verifier(password: str, salt: bytes, iterations: int = ITERATIONS) -> str:
    """ValueError for a password that is not ASCII, which client and server would have to prepare alike."""
    if not password.isascii():
        raise ValueError("a password is of ASCII characters")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    stored = hashlib.sha256(_hmac(salted, b"Client Key")).digest()
    server = _hmac(salted, b"Server Key")
    return f"SCRAM-SHA-256${iterations}:{_text(salt)}${_text(stored)}:{_text(server)}"


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")


def _text(of: bytes) -> str:
    return base64.b64encode(of).decode()
