"""The index in which words are searched: of every three characters in a row, by what the database has for it.

PostgreSQL's `pg_trgm` keeps itself, and triggers keep SQLite's FTS5. Both hold marks beside the words. Where a
database has neither, a search looks at every upload.
"""

import contextlib
from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from shared.store.database import SCHEMA_LOCK, transaction
from shared.store.history import text_in_sqlite
from shared.store.history.marks import IN_POSTGRESQL

LEAST_CHARS = 3
_LOCK = SCHEMA_LOCK + 1
"""A worker that starts does not wait until a million uploads are in the index."""
_INDEX = "ix_history_uploads_searched"
_NEXT = "ix_history_uploads_marked"
"""Its name while it is made beside one without marks. A program that knows no marks finds it by the other name."""
_BY_BITMAPS = "; ".join(f"SET LOCAL enable_{way} = off" for way in ("seqscan", "indexscan", "indexonlyscan"))
_IS_MARKED = "SELECT indnatts > 1 FROM pg_index WHERE indexrelid = to_regclass(:name)"
_SCHEMA_OF_EXTENSION = """
    SELECT quote_ident(nspname) FROM pg_namespace
        WHERE oid = (SELECT extnamespace FROM pg_extension WHERE extname = 'pg_trgm')
"""


def is_there(connection: sa.Connection) -> bool:
    if connection.dialect.name == "sqlite":
        return sa.inspect(connection).has_table(text_in_sqlite.TEXT.name)
    return connection.execute(sa.select(sa.func.to_regclass(_INDEX))).scalar() is not None


def has_marks(connection: sa.Connection) -> bool:
    """Of each upload. Once it has, it keeps them."""
    if connection.dialect.name != "sqlite":
        return bool(connection.execute(sa.text(_IS_MARKED), {"name": _INDEX}).scalar())
    if not sa.inspect(connection).has_table(text_in_sqlite.MARKED.name):
        return False
    return connection.execute(sa.select(text_in_sqlite.MARKED.c.since)).scalar_one() is None


def make(connection: sa.Connection) -> None:
    """In one transaction. DBAPIError where the database has nothing for it, or this role may not.

    Uploads of a release without this index come into it as they are renewed. One that has no marks yet gets them:
    PostgreSQL's is made anew, which took NN s for a million uploads, in which nobody else writes uploads. SQLite's
    gets those of the uploads that are there by `mark`.
    """
    if connection.dialect.name == "sqlite":
        if not is_there(connection):
            steps = text_in_sqlite.ANEW
        elif not sa.inspect(connection).has_table(text_in_sqlite.MARKED.name):
            steps = text_in_sqlite.WITH_MARKS
        else:
            steps = ()
        for statement in steps:
            connection.exec_driver_sql(statement)
        return
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    if not has_marks(connection):
        for statement in _in_postgresql(connection):
            connection.exec_driver_sql(statement)


def mark(connection: sa.Connection, limit: int) -> bool:
    """Give marks to so many uploads that have none; whether some may be left. In a transaction."""
    return connection.dialect.name == "sqlite" and is_there(connection) and text_in_sqlite.mark(connection, limit)


def _in_postgresql(connection: sa.Connection) -> Iterator[str]:
    """The extension may be in another schema than the tables, and that one not on the path."""
    yield "CREATE EXTENSION IF NOT EXISTS pg_trgm"
    schema = connection.exec_driver_sql(_SCHEMA_OF_EXTENSION).scalar_one()
    yield f"CREATE INDEX {_NEXT} ON history_uploads USING gin ({IN_POSTGRESQL}, searched {schema}.gin_trgm_ops)"
    yield f"DROP INDEX IF EXISTS {_INDEX}"  # only now, as nobody reads the uploads from here on
    yield f"ALTER INDEX {_NEXT} RENAME TO {_INDEX}"


@contextlib.contextmanager
def preferred(connection: sa.Connection) -> Iterator[None]:
    """PostgreSQL finds the words by its index meanwhile.

    By itself it takes the uploads in their order where many have a word, which is slow where only old ones have it.
    """
    if connection.dialect.name == "sqlite":
        yield
        return
    with transaction(connection):
        connection.exec_driver_sql(_BY_BITMAPS)
        yield


def pieces(parts: Iterable[str]) -> tuple[str, ...]:
    """Of three characters each, without a gap. The index is asked for these alone, as more would tell it little."""
    return tuple(dict.fromkeys(piece for part in parts for piece in _pieces(part)))


def _pieces(part: str) -> Iterator[str]:
    for start in range(0, len(part) - LEAST_CHARS + 1, LEAST_CHARS):
        yield part[start : start + LEAST_CHARS]
    if len(part) > LEAST_CHARS:
        yield part[-LEAST_CHARS:]
