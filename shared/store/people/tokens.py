"""Secrets that a link or a cookie holds. The database has their hashes: who reads it signs in as nobody."""

import hashlib
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    """Of letters that an address and a cookie may hold."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> str:
    """A token has so many bits that no slow hash is needed."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
