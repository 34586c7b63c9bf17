"""Dead letters that a person put away: kept for a while, and given back.

Methods raise TransientError. Times are seconds since the epoch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shared.store.actions.tables import LETTERS
from shared.store.actions.versions import ACTIONS as PART
from shared.store.ledger.connection import Database
from shared.text.outside import storable

KEEP_S = 90 * 86_400.0
PRUNE_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PutAway:
    id: str
    """The same for the same letter of the same action."""
    who: str
    why: str
    action: str
    stage: str
    message_id: str
    title: str | None
    code: str
    """Of why it had died."""
    reason: str
    letter: str
    """JSON: properties, headers and body."""
    at: float = 0.0
    """When; set by the database."""
    taken_back_at: float | None = None
    taken_back_by: str | None = None


class PutAwayStore:
    """`database_url` as the ledger takes it. Connects on first use, and makes its tables then."""

    def __init__(self, database_url: str) -> None:
        self._database = Database(database_url, PART)

    def close(self) -> None:
        self._database.engine.dispose()

    def keep(self, letter: PutAway) -> None:
        """Returns when it is on disk. Repeating it adds nothing."""
        row = {
            "id": letter.id, "at": self._database.now, "who": storable(letter.who), "why": storable(letter.why),
            "action": letter.action, "stage": letter.stage, "message_id": storable(letter.message_id),
            "title": None if letter.title is None else storable(letter.title), "code": storable(letter.code),
            "reason": storable(letter.reason), "letter": letter.letter,
        }  # fmt: skip
        with self._database.connection(writes=True) as connection:
            connection.execute(self._database.insert(LETTERS).values(row).on_conflict_do_nothing())

    def get(self, letter_id: str) -> PutAway | None:
        with self._database.connection() as connection:
            row = connection.execute(sa.select(LETTERS).where(LETTERS.c.id == letter_id)).first()
        return None if row is None else _letter(row)

    def latest(self, limit: int, *, ids: Sequence[str] = ()) -> list[PutAway]:
        """Those that nobody took back, the newest first; only these where `ids` are given."""
        wanted = [LETTERS.c.taken_back_at.is_(None), *([LETTERS.c.id.in_(ids)] if ids else [])]
        query = sa.select(LETTERS).where(*wanted).order_by(LETTERS.c.at.desc(), LETTERS.c.id).limit(limit)
        with self._database.connection() as connection:
            return [_letter(row) for row in connection.execute(query)]

    def taken_back(self, letter_id: str, by: str) -> None:
        """Repeating it changes nothing."""
        open_ = (LETTERS.c.id == letter_id, LETTERS.c.taken_back_at.is_(None))
        told = {"taken_back_at": self._database.now, "taken_back_by": storable(by)}
        with self._database.connection(writes=True) as connection:
            connection.execute(sa.update(LETTERS).where(*open_).values(told))

    def prune(self, older_than_s: float = KEEP_S) -> int:
        """Forget some of what was put away longer ago; how many."""
        old = LETTERS.c.at < self._database.now - older_than_s
        some = sa.select(LETTERS.c.id).where(old).limit(PRUNE_BATCH)
        with self._database.connection(writes=True) as connection:
            return connection.execute(sa.delete(LETTERS).where(LETTERS.c.id.in_(some))).rowcount


def _letter(row: sa.Row[Any]) -> PutAway:
    return PutAway(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
