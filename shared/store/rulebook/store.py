"""Publishing rules, and going back to earlier ones. It keeps texts: what they mean is `shared.rules`' to say.

Methods raise TransientError, and what their docstrings say. Times are seconds since the epoch.
"""

import sqlalchemy as sa

from shared.store.database import transaction
from shared.store.ledger.connection import Database
from shared.store.rulebook.reader import NoVersionError, RulebookReader
from shared.store.rulebook.tables import SWITCHES, TEXTS
from shared.store.rulebook.versions import RULEBOOK

LOCK = 7_203_911_065
"""PostgreSQL's advisory lock around publishing: numbers follow each other. SQLite has one writer anyway."""


class OvertakenError(Exception):
    """Somebody else switched the rules meanwhile."""


class RulebookStore(RulebookReader):
    """`database_url` as the ledger takes it. It makes its tables when something is published."""

    def __init__(self, database_url: str) -> None:
        super().__init__(database_url)
        self._database = Database(database_url, RULEBOOK)

    def close(self) -> None:
        super().close()
        self._database.engine.dispose()

    def publish(self, text: str, by: str, comment: str, *, rules_hash: str, over: int | None = None) -> int:
        """Keep the text and make it live; its version. Repeating it makes a further version.

        `rules_hash` is how the workers' pages tell these rules: no secret goes into it.
        `over` is the switch that the publisher saw live, 0 for none: OvertakenError, and nothing is done, where it
        is another by now.
        """
        with self._database.connection(writes=True) as connection, transaction(connection):
            self._alone(connection)
            self._not_overtaken(connection, over)
            version = _highest(connection, TEXTS.c.version) + 1
            row = {"version": version, "text": text, "hash": rules_hash, "by": by, "comment": comment}
            connection.execute(sa.insert(TEXTS).values(**row, at=self._database.now))
            self._switch(connection, version, by, comment)
        return version

    def switch_to(self, version: int, by: str, comment: str, *, over: int | None = None) -> None:
        """Make an earlier version live again. NoVersionError where there is none; OvertakenError as `publish`."""
        with self._database.connection(writes=True) as connection, transaction(connection):
            self._alone(connection)
            self._not_overtaken(connection, over)
            known = connection.execute(sa.select(TEXTS.c.version).where(TEXTS.c.version == version)).scalar()
            if known is None:
                raise NoVersionError(f"no rules were published as version {version}")
            self._switch(connection, version, by, comment)

    def _alone(self, connection: sa.Connection) -> None:
        if connection.dialect.name != "sqlite":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))

    @staticmethod
    def _not_overtaken(connection: sa.Connection, over: int | None) -> None:
        now = _highest(connection, SWITCHES.c.number)
        if over is not None and now != over:
            last = connection.execute(sa.select(SWITCHES).where(SWITCHES.c.number == now)).one_or_none()
            what = f"{last.by} made version {last.version} live" if last else "the rulebook is empty"
            raise OvertakenError(f"the rules are others by now: {what}")

    def _switch(self, connection: sa.Connection, version: int, by: str, comment: str) -> None:
        number = _highest(connection, SWITCHES.c.number) + 1
        row = {"number": number, "version": version, "by": by, "comment": comment}
        connection.execute(sa.insert(SWITCHES).values(**row, at=self._database.now))


def _highest(connection: sa.Connection, column: sa.Column[int]) -> int:
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(column), 0))).scalar_one())
