"""Checks a request to make or change a webhook. It looks up the host in DNS, and changes nothing."""

import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from simulator.api.forms import flag
from simulator.errors import BadRequestError, ValidationError
from simulator.outgoing import triggers
from simulator.portal.model import User

MAX_NAME, MAX_SECRET, MAX_TARGET = 50, 50, 255
SECRET_LENGTH = range(8, 31)
POLICY = "Password must contain from 8 to 30 characters, only latin letters, no spaces"
NO_SECRET = "Value cannot be null. (Parameter 'secret')"  # noqa: S105 - a sentence
HTTPS = "HTTPS is required"


@dataclass(frozen=True)
class Asked:
    name: str
    uri: str
    secret: str
    """Empty if the request has none."""
    enabled: bool
    ssl: bool
    triggers: int
    target_id: str


def read(body: dict[str, Any]) -> Asked:
    """Raises ValidationError if a field is missing, too long or of the wrong type."""
    name, uri, secret, target = (str(body.get(key) or "") for key in ("name", "uri", "secretKey", "targetId"))
    for key, text, most in (
        ("Name", name, MAX_NAME),
        ("SecretKey", secret, MAX_SECRET),
        ("TargetId", target, MAX_TARGET),
    ):
        if len(text) > most:
            raise ValidationError(**{key: f"The field {key} must be a string with a maximum length of {most}."})
    for key, text in (("Name", name), ("Uri", uri)):
        if not text:
            raise ValidationError(**{key: f"The {key} field is required."})
    mask = body.get("triggers") or 0
    if not isinstance(mask, int):
        raise ValidationError(**{"$.triggers": "The JSON value could not be converted to WebhookTrigger."})
    return Asked(name, uri, secret, flag(body.get("enabled")), flag(body.get("ssl")), mask, target)


def check_address(uri: str, *, ssl: bool) -> None:
    """`ssl`: a certificate is required. The simulator has no blacklist, because all addresses here are local."""
    parts = urlsplit(uri)
    if not parts.scheme or not parts.hostname:
        raise BadRequestError("Invalid URL format")
    if parts.scheme not in {"http", "https"}:
        raise BadRequestError(f"Invalid URL scheme: {parts.scheme}. Only http and https are allowed")
    if ssl and parts.scheme == "http":
        raise BadRequestError(HTTPS)
    try:
        socket.getaddrinfo(parts.hostname, None)
    except OSError:
        raise BadRequestError(f"DNS resolution failed for {parts.hostname}") from None


def check_secret(secret: str) -> None:
    if len(secret) not in SECRET_LENGTH:
        raise BadRequestError(POLICY)


def check_triggers(mask: int, user: User) -> None:
    if not user.is_room_admin and any(mask & triggers.BITS[name] for name in triggers.RESERVED):
        raise BadRequestError("Trigger is not available")
