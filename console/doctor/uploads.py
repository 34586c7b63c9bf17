"""The uploads, as the history knows them: what waits for a person and what is late, counted by cause."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from console.doctor.line import Area, Line
from shared.errors import IntakeError
from shared.store.history.by_cause import Group, dead, on_their_way
from shared.store.history.tables import Database
from shared.text.codes import Code

AREA = Area("uploads")
CODES = {code.value: code for code in Code}
DEAD, LATE = "dead-letters", "on-their-way"
"""How the causes begin; the code of the reason follows."""
WAITS_FOR = "waits-for-"
"""Before the stage, in place of the code of what did not fail."""
LATE_S = 3600.0
"""Longer than the ladder's first four waits together: what is tried again for a moment is nobody's business."""
OTHER = "other"
"""In place of a code, where there is none."""
NO_CODE = "the broker made it a dead letter, or an older release gave no reason"


def check(database_url: str, clock: Callable[[], float] = time.time) -> Iterator[Line]:
    with contextlib.closing(Database(database_url)) as database:
        yield from of(database, clock)


def of(database: Database, clock: Callable[[], float] = time.time) -> Iterator[Line]:
    """The same, where the database is open already."""
    try:
        yield from _lines(dead(database), on_their_way(database, clock() - LATE_S))
    except IntakeError as error:  # where the database is away, the ledger's line says what to do
        yield AREA.unseen(f"which wait for a person, and which are late, is not known: {error}")


def _lines(waiting: list[Group], late: list[Group]) -> Iterator[Line]:
    yield from map(_dead, waiting)
    yield from map(_late, late)
    if not waiting:
        yield AREA.ok("none waits for a person")
    if not late:
        yield AREA.ok("none has been on its way for over an hour")


def _dead(group: Group) -> Line:
    meaning, remedy = _known(group.code)
    again = f"intake dead replay --reason {group.code}" if group.code else "intake dead list, then dead replay"
    told = f"{_uploads(group.count, 'waits', 'wait')} for a person: {meaning}"
    mend = f"{remedy}; {again}" if remedy else again
    return _with_facts(AREA.warning(told, mend, cause=f"{DEAD}:{group.code or OTHER}"), group)


def _late(group: Group) -> Line:
    waits = f"waiting for the {group.stage or 'next worker'}" if not group.code else ""
    meaning, remedy = (waits, "see whether it runs, and what it says of itself") if waits else _known(group.code)
    told = f"{_uploads(group.count, 'has', 'have')} been on the way for over an hour: {meaning}"
    mend = f"{remedy or 'it is tried again by itself'}; intake timeline says of one what it waits for"
    return _with_facts(AREA.warning(told, mend, cause=f"{LATE}:{group.code or WAITS_FOR + group.stage}"), group)


def _with_facts(line: Line, group: Group) -> Line:
    return replace(line, count=group.count, since=group.since, example=group.example, stage=group.stage)


def _known(code: str) -> tuple[str, str]:
    """What it means, and what a person does. Of a code of another release, the code alone."""
    found = CODES.get(code)
    return (found.meaning, found.remedy) if found else (code or NO_CODE, "")


def _uploads(count: int, one: str, many: str) -> str:
    return f"1 upload {one}" if count == 1 else f"{count} uploads {many}"
