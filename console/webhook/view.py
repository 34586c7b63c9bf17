"""A webhook as a person or a program reads it, with times that are true."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from shared.docspace.webhook_times import true_time
from shared.docspace.webhooks import Webhook
from shared.text.outside import cell

TIMES = ("created_at", "last_success_at", "last_failure_at")


def record(one: Webhook, offset: timedelta | None) -> dict[str, Any]:
    """Its times are ISO 8601 in UTC; as the portal says them, of its own zone, where its `offset` is unknown."""
    told = {**asdict(one), "triggers": sorted(one.triggers)}
    del told["unnamed"]
    return told if offset is None else told | {name: _iso(told[name], offset) for name in TIMES}


def shown(one: Webhook, offset: timedelta | None, mark: str = "") -> str:
    failed = shown_time(one.last_failure_at, offset)
    failure = f"{failed}: {one.last_failure or ''}" if failed else "never"
    lines = [
        f"{mark}{one.id}  {one.name}{'' if one.enabled else '  (disabled)'}",
        f"    calls         {one.url}",
        f"    on            {', '.join(sorted(one.triggers)) or 'unknown'}",
        f"    owner         {one.owner_name or 'unknown'}",
        f"    last success  {shown_time(one.last_success_at, offset) or 'never'}",
        f"    last failure  {failure}",
    ]
    return "\n".join(map(cell, lines))


def shown_time(said: str | None, offset: timedelta | None) -> str | None:
    """To the second; None for never."""
    if not said:
        return None
    found = None if offset is None else true_time(said, offset)
    return f"{found:%Y-%m-%d %H:%M:%S} UTC" if found else f"{said[:19].replace('T', ' ')} by the portal's own clock"


def _iso(said: str | None, offset: timedelta) -> str | None:
    found = true_time(said, offset)
    return found.isoformat() if found else said
