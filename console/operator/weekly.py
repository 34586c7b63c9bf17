"""Once a week, if asked: whether anything was lost. Only reads."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.doctor.sweep import FULL_TOO_LATE_S
from console.operator.text import said
from console.reconcile.forever import FULL
from console.reconcile.hiding import HIDING
from shared.errors import IntakeError
from shared.store.history.caught_up import CameIn, came_in
from shared.store.history.tables import Database
from shared.store.sweeps.store import SweepStore
from shared.text.announcement import Announcement

WEEKLY = "weekly"
"""In place of a problem's id."""
LONG_DUE_S = 3600.0
"""What is due for a shorter time is looked at in the next round."""


@dataclass(frozen=True, slots=True)
class Week:
    """What is known of one. `came_in` is why, where that is not known."""

    until: datetime
    came_in: CameIn | str
    doubts: tuple[str, ...]
    """Why it is not known that nothing was lost, a sentence each."""


def week(database: Database, sweeps: SweepStore, until: datetime) -> Week:
    since = (until - timedelta(days=7)).timestamp()
    try:
        found: CameIn | str = came_in(database, since, until.timestamp())
    except IntakeError as error:
        found = str(error)
    try:
        doubts = _doubts(sweeps, until.timestamp())
    except IntakeError as error:
        doubts = (f"what comparing with the portal found cannot be read: {error}",)
    return Week(until, found, doubts)


def _doubts(sweeps: SweepStore, now: float) -> tuple[str, ...]:
    told = sweeps.note(FULL)
    full_at = json.loads(told)["began_at"] if told else None
    hiding = sweeps.note(HIDING)
    due = sum(each.at < now - LONG_DUE_S for each in sweeps.due())
    return (
        *(["the portal was never compared with as a whole"] if full_at is None else []),
        *(
            [f"the portal was last compared with as a whole {(now - full_at) / 3600:.0f} hours ago"]
            if full_at is not None and now - full_at > FULL_TOO_LATE_S
            else []
        ),
        *([f"events are hidden now: {hiding}"] if hiding else []),
        *([f"{due} more looks at the portal are due"] if due else []),
    )


def announcement(found: Week, *, chat: bool = False) -> Announcement:
    """That nothing was lost, or why that is not known."""
    counts = found.came_in
    if isinstance(counts, str):
        doubts = (f"the history cannot be read: {counts}", *found.doubts)
        lines = ["How many uploads came in is not known."]
    else:
        doubts = found.doubts
        lines = [_seen(counts), *_open(counts)]
    if doubts:
        subject = "It is not known whether anything was lost this week"
        lines = ["It is not known whether anything was lost:", *(f"  - {doubt}" for doubt in doubts), "", *lines]
    else:
        subject = f"Nothing was lost: {_seen(counts)}" if isinstance(counts, CameIn) else ""
        lines = [f"Nothing was lost: {lines[0]}", *lines[1:]]
    lines.append(f"This is about the seven days up to {found.until:%Y-%m-%d %H:%M %Z}.")
    return said(subject, "\n".join(lines), chat=chat)


def _seen(counts: CameIn) -> str:
    if not counts.uploads:
        return "no upload came in, and comparing with the portal found none."
    uploads = "1 upload" if counts.uploads == 1 else f"{counts.uploads} uploads"
    if not counts.swept:
        return f"{uploads} came in, and comparing with the portal found no other."
    return (
        f"{uploads} came in, {counts.uploads - counts.swept} by webhooks and {counts.swept} that comparing with "
        "the portal found."
    )


def _open(counts: CameIn) -> list[str]:
    return [
        *(
            [f"{counts.waiting} of them {'is' if counts.waiting == 1 else 'are'} on the way."]
            if counts.waiting
            else []
        ),
        *(
            [f"{counts.failed} of them {'needs' if counts.failed == 1 else 'need'} a person."]
            if counts.failed
            else []
        ),
    ]
