"""Which stages a person has paused, and until when.

Methods raise TransientError. Times are seconds since the epoch, by the database's clock.
"""

import sqlalchemy as sa

from shared.runtime.by_hand import Pause
from shared.store.actions.tables import PAUSES
from shared.store.actions.versions import ACTIONS as PART
from shared.store.ledger.connection import Database
from shared.text.outside import storable


class PauseStore:
    """`database_url` as the ledger takes it. Connects on first use, and makes its tables then."""

    def __init__(self, database_url: str) -> None:
        self._database = Database(database_url, PART)

    def close(self) -> None:
        self._database.engine.dispose()

    def pause(self, stage: str, who: str, why: str, until: float) -> None:
        """In place of the one that there is. Repeating it changes nothing but when it began."""
        row = {"stage": stage, "who": storable(who), "why": storable(why), "at": self._database.now, "until": until}
        insert = self._database.insert(PAUSES).values(row)
        changed = {name: insert.excluded[name] for name in ("who", "why", "at", "until")}
        with self._database.connection(writes=True) as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["stage"], set_=changed))

    def resume(self, stage: str) -> None:
        """Repeating it changes nothing."""
        with self._database.connection(writes=True) as connection:
            connection.execute(sa.delete(PAUSES).where(PAUSES.c.stage == stage))

    def now(self, stage: str) -> Pause | None:
        """The one that holds now."""
        return next((pause for pause in self.all() if pause.stage == stage), None)

    def all(self) -> list[Pause]:
        """Those that hold now, by stage."""
        query = sa.select(PAUSES).where(PAUSES.c.until > self._database.now).order_by(PAUSES.c.stage)
        with self._database.connection() as connection:
            return [Pause(row.stage, row.who, row.why, row.at, row.until) for row in connection.execute(query)]
