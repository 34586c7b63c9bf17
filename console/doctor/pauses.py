"""Which workers a person has paused, and until when. Reads what they wrote down."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from console.doctor.line import Area, Line
from shared.errors import TransientError
from shared.runtime.by_hand import Pause
from shared.store.actions.pauses import PauseStore

AREA = Area("pauses")


def check(database_url: str) -> Iterator[Line]:
    """Nothing where none is paused; where the database is away, the ledger's line says so."""
    with contextlib.closing(PauseStore(database_url)) as store:
        yield from of(store)


def of(store: PauseStore) -> Iterator[Line]:
    """The same, where the store is open already."""
    try:
        yield from map(_line, store.all())
    except TransientError as error:
        yield AREA.unseen(f"whether a person has paused a worker is not known: {error}")


def pauses(database_url: str) -> list[Pause]:
    """TransientError."""
    with contextlib.closing(PauseStore(database_url)) as store:
        return store.all()


def _line(pause: Pause) -> Line:
    told = AREA.warning(
        f"the {pause.stage} is {pause}",
        f"it goes on by itself then; or at once: intake action unpause {pause.stage}",
        cause=f"paused:{pause.stage}",
    )
    return replace(told, since=pause.at, stage=pause.stage)
