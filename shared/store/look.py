"""What a worker looks for every few seconds: whether its stage is paused, and which rules are live."""

from dataclasses import dataclass

import sqlalchemy as sa

from shared.errors import TransientError
from shared.runtime.by_hand import Pause
from shared.store.actions.tables import PAUSES
from shared.store.actions.versions import ACTIONS as PART
from shared.store.ledger.connection import Database
from shared.store.parts import refuse_newer
from shared.store.rulebook.tables import SWITCHES

_NEWEST = sa.select(sa.func.max(SWITCHES.c.number)).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Seen:
    pause: Pause | None
    """The one that holds now."""
    switch: int
    """The number of the rules' last switch; 0 where nothing was published."""


class Look:
    """`database_url` as the ledger takes it. Connects on first use, and makes the table of the pauses then.

    It makes no table of the rules: without one none are published.
    """

    def __init__(self, database_url: str, stage: str) -> None:
        self._database = Database(database_url, PART)
        self._has_rulebook = False
        self._is_checked = False
        now = self._database.now
        here = sa.select(sa.literal(stage).label("stage")).subquery()
        held = sa.and_(PAUSES.c.stage == here.c.stage, PAUSES.c.until > now)
        self._pause = sa.select(PAUSES).select_from(here.outerjoin(PAUSES, held))
        self._both = self._pause.add_columns(_NEWEST.label("switch"))

    def close(self) -> None:
        self._database.engine.dispose()

    def look(self) -> Seen:
        """TransientError; OutdatedError for a database that a newer program changed.

        That is asked once, and after a fault: an older program that runs already goes on beside newer ones.
        """
        try:
            with self._database.connection() as connection:
                if not self._is_checked:
                    refuse_newer(connection)
                    self._is_checked = True
                self._has_rulebook = self._has_rulebook or sa.inspect(connection).has_table(SWITCHES.name)
                row = connection.execute(self._both if self._has_rulebook else self._pause).one()
        except TransientError:
            self._has_rulebook = False  # the database may come back as an older backup, without the table
            self._is_checked = False
            raise
        pause = None if row.stage is None else Pause(row.stage, row.who, row.why, row.at, row.until)
        return Seen(pause, (row.switch or 0) if self._has_rulebook else 0)
