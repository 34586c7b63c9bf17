"""What RabbitMQ writes on a message that it dead-letters itself, which no worker settled. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

KILLED = "killed its worker again and again (delivery limit)"


@dataclass(frozen=True, slots=True)
class Burial:
    reason: str
    at: float | None
    """Seconds since the epoch, whole ones."""


def burial(headers: Mapping[str, object]) -> Burial | None:
    """None where the broker wrote nothing. A worker's own publications carry no `x-death`."""
    deaths = headers.get("x-death")
    last = deaths[0] if isinstance(deaths, list) and deaths else None
    if not isinstance(last, dict) or not last.get("reason"):
        return None
    why, when = last["reason"], last.get("time")
    return Burial(
        reason=KILLED if why == "delivery_limit" else f"dead-lettered by the broker ({why})",
        at=when.timestamp() if isinstance(when, datetime) else None,
    )
