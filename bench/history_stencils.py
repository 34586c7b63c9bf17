"""What the history keeps of an upload of each fate, for as many uploads as are wanted.

The workers' own code makes the steps of one upload, and the projector's the rows of these. Then ids, times and
names are put in place of those of that one, which is many times as fast as making each.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from hashlib import shake_128
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from shared.store.history.queries import STEP_FIELDS
from shared.store.history.searched import folded, searched
from shared.store.history.step import Step
from shared.store.history.store import row_of, summary
from shared.store.history.tables import STEPS, UPLOADS
from shared.store.history.upload import State
from shared.text.codes import Code
from shared.wire.message import Publication, derived_id
from tests.support.stories import Told, step_in

STEPS_EACH = 6
_AT = 1_000_000_123.0
"""When the upload came of which the others are made."""
_NO_INVOICE = 'rule "acme": the title does not start with "invoice"'
_BUSY = "the portal cannot be reached: no answer within 10 s"
_NO_RIGHT = "the portal refuses it: the key's owner may not move this file"

Row = tuple[Any, ...]
_Slot = tuple[str, Any]
"""What stands in a cell of a row: its kind, and which one of that kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What one upload has for itself."""

    number: int
    at: float
    """In whole seconds, as webhooks tell it."""
    title: str
    room: str
    room_title: str
    uploaded_by: str


_ONE = Facts(number=1, at=_AT, title="Invoice", room="86190", room_title="Acme Ltd", uploaded_by="Bob Client")


class Stencil:
    """The rows of the uploads that end in one state."""

    def __init__(self, state: State) -> None:
        steps = steps_of(state, _ONE)
        upload = summary(steps)
        if len(steps) != STEPS_EACH or upload["state"] != state:
            raise AssertionError(f"{state}: {len(steps)} steps, which end in {upload['state']}")
        rows = [_slots(UPLOADS, upload), *(_slots(STEPS, row_of(step, STEP_FIELDS)) for step in steps)]
        slots = list(dict.fromkeys(slot for row in rows for slot in row))
        self._constants, self._times, self._ids, self._events, self._own = (
            [which for kind, which in slots if kind == wanted] for wanted in _KINDS
        )
        order = sorted(slots, key=lambda slot: _KINDS.index(slot[0]))  # as `rows` has their values
        self._upload, *self._steps = (itemgetter(*(order.index(slot) for slot in row)) for row in rows)

    def rows(self, facts: Facts) -> tuple[Row, list[Row]]:
        """The upload's and its steps', in the order of the tables' columns."""
        own, file_id = _own(facts), file_of(facts.number)
        values = [
            *self._constants,
            *(facts.at + later_s for later_s in self._times),
            *_new_ids(facts.number, len(self._ids)),
            *(f"{file_id}{place}" for place, _ in enumerate(self._events)),
            *(own[name] for name in self._own),
        ]
        return self._upload(values), [step(values) for step in self._steps]


def steps_of(state: State, facts: Facts) -> list[Step]:
    """Those of an upload that ends so, as the projector reads them off the stream, with ids of their own."""
    kept = _Steps()
    _STORIES[state](kept, facts)
    return kept.steps


def file_of(number: int) -> str:
    return str(748_300 + number)


def event_of(number: int) -> str:
    """The webhook's that came first."""
    return f"{file_of(number)}0"


def upload_of(number: int) -> str:
    """Its own id."""
    return derived_id("upload", number)


def _new_ids(number: int, count: int) -> Iterator[str]:
    """UUIDs as `derived_id` makes them, and several at once."""
    digits = shake_128(b"%d" % number).hexdigest(16 * count)
    for at in range(0, len(digits), 32):
        one = digits[at : at + 32]
        yield f"{one[:8]}-{one[8:12]}-5{one[13:16]}-a{one[17:20]}-{one[20:]}"


def _own(facts: Facts) -> Mapping[str, str]:
    return {
        "correlation_id": upload_of(facts.number),
        "file_id": file_of(facts.number),
        "title": facts.title,
        "title_folded": folded(facts.title),
        "room": facts.room,
        "room_title": facts.room_title,
        "uploaded_by": facts.uploaded_by,
        "uploaded_at": f"{datetime.fromtimestamp(facts.at, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "web_url": f"https://portal.example.com/doceditor?fileId={file_of(facts.number)}",
        "searched": searched(facts.title, facts.room_title, facts.uploaded_by),
    }


_KINDS = ("constant", "time", "id", "event", "own")
_KIND_OF = {
    **dict.fromkeys(("at", "next_at", "first_at", "last_at", "filed_at", "announced_at"), "time"),
    **dict.fromkeys(("key", "message_id"), "id"),
    "event_id": "event",
    **dict.fromkeys(
        ("correlation_id", "file_id", "title", "title_folded", "room", "room_title", "uploaded_by", "uploaded_at"),
        "own",
    ),
    **dict.fromkeys(("web_url", "searched"), "own"),
}


def _slots(table: sa.Table, row: Mapping[str, Any]) -> list[_Slot]:
    return [_slot(name, row.get(name)) for name in table.c.keys()]  # noqa: SIM118 - of columns, not of a mapping


def _slot(column: str, value: Any) -> _Slot:
    kind = "constant" if value is None else _KIND_OF.get(column, "constant")
    match kind:
        case "time":
            return kind, value - _AT
        case "own":
            return kind, column
        case _:
            return kind, _plain(value)


def _plain(value: Any) -> Any:
    """As a driver takes it, without the columns' types."""
    if isinstance(value, tuple):
        return json.dumps(value) if value else None
    return value.value if isinstance(value, Enum) else value


class _Steps:
    """In place of the broker's stream and the projector."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def keep(self, publication: Publication) -> None:
        step = step_in(publication)
        if step is not None:
            self.steps.append(step)


def _twins(kept: _Steps, facts: Facts) -> tuple[Told, Told]:
    """`file.created` and `file.uploaded`."""
    told: dict[str, Any] = {"room": facts.room, "room_title": facts.room_title, "by": facts.uploaded_by}
    created = Told(kept, facts.title, facts.at, file_of(facts.number), trigger="file.created", **told)
    return created, Told(kept, facts.title, facts.at + 0.5, file_of(facts.number), **told)


def _filed(kept: _Steps, facts: Facts) -> None:
    at = facts.at
    created, uploaded = _twins(kept, facts)
    uploaded.detected(at + 0.75)
    created.skipped(at + 1, "the other webhook of this upload is at work on it", Code.SAME_UPLOAD)
    uploaded.filed(at + 2).announced(at + 2.5)


def _skipped(kept: _Steps, facts: Facts) -> None:
    at = facts.at
    for told in _twins(kept, facts):
        told.retried("classifier", at + 1, _BUSY).skipped(at + 6.25, _NO_INVOICE)


def _failed(kept: _Steps, facts: Facts) -> None:
    at = facts.at
    created, uploaded = _twins(kept, facts)
    uploaded.detected(at + 0.75)
    created.skipped(at + 1, "the other webhook of this upload is at work on it", Code.SAME_UPLOAD)
    uploaded.retried("mover", at + 2, _BUSY).died("mover", at + 8, _NO_RIGHT)


def _waiting(kept: _Steps, facts: Facts) -> None:
    at = facts.at
    created, uploaded = _twins(kept, facts)
    created.skipped(at + 1, "the other webhook of this upload is at work on it", Code.SAME_UPLOAD)
    uploaded.detected(at + 0.75).retried("mover", at + 2, _BUSY).retried("mover", at + 8, _BUSY)


_STORIES: Mapping[State, Callable[[_Steps, Facts], None]] = {
    State.FILED: _filed,
    State.SKIPPED: _skipped,
    State.FAILED: _failed,
    State.WAITING: _waiting,
}
