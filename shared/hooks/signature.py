"""Signs a webhook as Standard Webhooks 1.0 says, with each secret that an endpoint has.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Sequence
from pathlib import Path

PREFIX = "whsec_"
LEAST_BYTES, MOST_BYTES = 24, 64
"""Of a key, as the specification has it."""
_MADE_BYTES = 32
_MOST_FILE_BYTES = 10_000


class NoSecretError(Exception):
    """The endpoint's file has no secret to sign with. Says why, without what is in it."""


def read(file: Path) -> tuple[bytes, ...]:
    """The keys in an endpoint's file, one a line. NoSecretError."""
    try:
        with file.open("rb") as opened:
            raw = opened.read(_MOST_FILE_BYTES)
    except OSError as error:
        raise NoSecretError(f"secret_file {file} cannot be read: {error.strerror or error}") from error
    lines = [(number, line.strip()) for number, line in enumerate(raw.splitlines(), start=1) if line.strip()]
    if not lines:
        raise NoSecretError(f"secret_file {file} is empty")
    return tuple(_key(line, f"secret_file {file}, line {number}") for number, line in lines)


def made() -> str:
    """A new secret, as it stands in a file and is told to the receiver."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_MADE_BYTES)).decode()


def signed(keys: Sequence[bytes], webhook_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: one signature for each key."""
    content = b".".join((webhook_id.encode(), str(timestamp).encode(), body))
    digests = (base64.b64encode(hmac.digest(key, content, "sha256")).decode() for key in keys)
    return " ".join(f"v1,{digest}" for digest in digests)


def _key(line: bytes, where: str) -> bytes:
    try:
        key = base64.b64decode(line.removeprefix(PREFIX.encode()), validate=True)
    except binascii.Error:
        raise NoSecretError(f"{where}: is no {PREFIX}… in base64") from None
    if not line.startswith(PREFIX.encode()) or not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise NoSecretError(f"{where}: is no {PREFIX}… of {LEAST_BYTES} to {MOST_BYTES} bytes")
    return key
