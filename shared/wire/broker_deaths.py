"""Reads what RabbitMQ writes on a message that it dead-letters itself, without a worker settling it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.text.codes import Code
from shared.text.outside import REASON_BYTES, cut
from shared.wire import headers as told

KILLED = "killed its worker again and again (delivery limit)"
BURIED = "dead-lettered by the broker"
REFUSED = "the broker refuses what its worker publishes for it, the dead letter too: the worker's log says why"


@dataclass(frozen=True, slots=True)
class Burial:
    reason: str
    code: Code
    at: float | None
    """Whole seconds since the epoch; None if the broker does not say."""


def burial(headers: Mapping[str, object]) -> Burial | None:
    """None if the broker wrote nothing: no worker publishes these headers.

    Before 3.13 a stream keeps no lists, so `x-death` is missing there. Then only the reason of the first death is
    known, which may be that of a wait.
    """
    deaths = headers.get("x-death")
    last = deaths[0] if isinstance(deaths, list) and deaths else None
    if isinstance(last, dict) and last.get("reason"):
        when = last.get("time")
        at = told.whole_seconds(when.timestamp()) if isinstance(when, datetime) else None
        return Burial(*_told(last["reason"]), at)
    first = headers.get("x-first-death-reason")
    if not first:
        return None
    return Burial(*((BURIED, Code.BROKER_BURIED) if first == "expired" else _told(first)), None)


def _told(word: object) -> tuple[str, Code]:
    match word:
        case "delivery_limit":
            return KILLED, Code.DELIVERY_LIMIT
        case "rejected":
            return REFUSED, Code.BROKER_REFUSED
        case _:
            return cut(f"{BURIED} ({word})", REASON_BYTES), Code.BROKER_BURIED
