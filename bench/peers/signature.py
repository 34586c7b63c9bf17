"""What the peers' servers verify before they publish; the same check as ours."""

import hashlib
import hmac

HEADER = "x-docspace-signature-256"


def signed(body: bytes, signature: str | None, secret: bytes) -> bool:
    expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest().upper()
    return signature is not None and hmac.compare_digest(signature.upper().encode(), expected.upper().encode())
