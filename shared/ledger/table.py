"""The ledger's table, and how it comes to be there: whoever uses it first makes it. It reads and writes no row."""

import time

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.schema import CreateIndex, CreateTable

from shared.database import BUSY_TIMEOUT_S, SCHEMA_LOCK

NOT_PERMITTED = "42501"
"""PostgreSQL's code for a role that may use the table and not change it."""

ROWS = sa.Table(
    "ledger",
    sa.MetaData(),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("token", sa.Text),  # of the last winner, until it gives the claim back; stays when its lease runs out
    sa.Column("owner", sa.Text),  # the process that won, for people
    sa.Column("leased_until", sa.Double),  # seconds since the epoch, the database's clock
    sa.Column("wins", sa.Integer, nullable=False),
    sa.Column("progress", sa.Text),
    sa.Column("result", sa.Text),  # set once, and then the row never changes
    sa.Column("completed_at", sa.Double),
)
BY_AGE = sa.Index("ledger_completed_at", ROWS.c.completed_at)


def create_on_postgres(engine: sa.Engine) -> None:
    """What is missing of it. Safe to repeat, and from several processes at once."""
    with engine.connect() as plain:
        inspector = sa.inspect(plain)
        exists = inspector.has_table(ROWS.name)
        if exists and any(index["name"] == BY_AGE.name for index in inspector.get_indexes(ROWS.name)):
            return
    try:
        with (
            engine.connect().execution_options(isolation_level="READ COMMITTED") as connection,
            connection.begin(),
        ):
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SCHEMA_LOCK)))
            _create(connection)
    except DBAPIError as error:
        # a role that may not change the table can still work with it; pruning is slower then
        if not exists or getattr(error.orig, "sqlstate", None) != NOT_PERMITTED:
            raise


def create_on_sqlite(engine: sa.Engine) -> None:
    """Switching to WAL asks for the database alone, and SQLite may say "locked" without waiting: ask again."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
                _create(connection)
        except OperationalError as error:
            if "locked" not in str(error.orig) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _create(connection: sa.Connection) -> None:
    connection.execute(CreateTable(ROWS, if_not_exists=True))
    connection.execute(CreateIndex(BY_AGE, if_not_exists=True))
