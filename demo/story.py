"""Turns the messages on the exchange into one line for each step of an upload. Pure."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.wire.message import Message


@dataclass(frozen=True, slots=True)
class Step:
    at: str
    title: str
    what: str
    detail: str


@dataclass(slots=True)
class Story:
    """Remembers the title of each correlation id, because later messages need not name the file."""

    _titles: dict[str, str] = field(default_factory=dict)

    def step(self, message: Message, now: float) -> Step:
        body = _json(message.body)
        title = _title(body)
        if title:
            self._titles.setdefault(message.correlation_id, title)
        known = self._titles.get(message.correlation_id, "?")
        what, detail = _words(message.type, body)
        return Step(f"{datetime.fromtimestamp(now, UTC).astimezone():%H:%M:%S.%f}"[:-4], known, what, detail)


def _words(kind: str, body: dict[str, Any]) -> tuple[str, str]:
    match kind:
        case "invoice.detected":
            return "detected", f"rule {body.get('rule')}, to folder {body.get('destination')}"
        case "invoice.filed":
            return "filed", f"seen in folder {body.get('destination')}"
        case "invoice.announced":
            return "announced", f"to {', '.join(body.get('recipients', ()))}"
        case "event.skipped":
            return "skipped", f"{body.get('skipped', '')}: {body.get('reason')}".removeprefix("webhook.")
        case _:
            return "received", kind


def _title(body: dict[str, Any]) -> str:
    payload = body.get("payload")
    title = body.get("title") or (payload.get("title") if isinstance(payload, dict) else "")
    return str(title or "")


def _json(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
