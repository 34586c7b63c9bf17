"""How DocSpace signs a webhook: HMAC-SHA256 over the raw body, in upper-case hex, with no timestamp in it."""

import hashlib
import hmac

HEADER = "x-docspace-signature-256"


def sign(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().upper()
