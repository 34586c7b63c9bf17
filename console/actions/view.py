"""Actions and the audit as a person or a program reads them. Pure; times are UTC."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from console.terminal.printing import one_line
from shared.store.actions.action import Action, Item
from shared.store.actions.put_away import PutAway
from shared.store.audit.store import Entry


def record(action: Action) -> dict[str, Any]:
    told = asdict(action) | {"asked_by": action.asked_by.name, "through": action.asked_by.through.value}
    return told | {"asked_at": _utc(action.asked_at), "ended_at": _utc(action.ended_at)}


def line(action: Action) -> str:
    failed = f", {action.failed} failed" if action.failed else ""
    fault = f": {action.fault}" if action.fault else ""
    told = f"{action.state}, {action.done} of {action.count} done{failed}{fault}"
    return one_line((action.id, _utc(action.asked_at) or "", str(action.asked_by), action.verb, told))


def failure(item: Item) -> str:
    return one_line((f"  {item.key}", item.why or ""))


def letter_record(kept: PutAway) -> dict[str, Any]:
    told = asdict(kept) | {"at": _utc(kept.at), "taken_back_at": _utc(kept.taken_back_at)}
    return told | {"letter": json.loads(kept.letter)}


def letter_line(kept: PutAway) -> str:
    about = kept.title or kept.message_id
    return one_line((kept.id, _utc(kept.at) or "", kept.who, kept.stage, about, kept.why))


def entry_record(entry: Entry) -> dict[str, Any]:
    return asdict(entry) | {"at": _utc(entry.at), "ended_at": _utc(entry.ended_at)}


def entry_line(entry: Entry) -> str:
    result = entry.result or "not ended"
    return one_line((_utc(entry.at) or "", f"{entry.who} ({entry.through})", entry.verb, entry.target, result))


def _utc(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
