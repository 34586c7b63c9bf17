"""Signs and verifies webhooks: HMAC-SHA256 of the body, as DocSpace 3.7.2 sends it (WebhookSender.cs). Pure."""

import hmac
from collections.abc import Sequence

SIGNATURE_HEADER = "x-docspace-signature-256"
SCHEME = "sha256"


def sign(secret: bytes, body: bytes) -> str:
    """`sha256=` and the hex in upper case."""
    return f"{SCHEME}={_digest(secret, body).upper()}"


def signer(body: bytes, signature: str | None, secrets: Sequence[bytes]) -> int | None:
    """Which secret `signature` was made with: 0 is the first, None if none of them.

    The hex may be in either case. Every secret is tried, so the time that it takes does not tell which one matched.
    """
    if signature is None:
        return None
    scheme, _, digest = signature.strip().partition("=")
    if scheme.lower() != SCHEME:
        return None
    given = digest.lower().encode("utf-8", "replace")
    matches = [hmac.compare_digest(_digest(secret, body).encode(), given) for secret in secrets]
    return matches.index(True) if True in matches else None


def _digest(secret: bytes, body: bytes) -> str:
    return hmac.digest(secret, body, SCHEME).hex()
