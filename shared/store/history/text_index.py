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
from shared.store.schema import LOCK_TIMEOUT

LEAST_CHARS = 3
_LOCK = SCHEMA_LOCK + 1
"""A worker that starts does not wait until a million uploads are in the index."""
_INDEX = "ix_history_uploads_searched"
_NEXT = "ix_history_uploads_marked"
"""Its name as long as one without marks is there. A program that knows no marks looks for the other name."""
_BY_INDEX = "; ".join(f"SET LOCAL enable_{way} = off" for way in ("seqscan", "indexscan", "indexonlyscan"))
_FOR_THESE = "SET LOCAL plan_cache_mode = force_custom_plan"
"""A plan for whatever words took up to eight times as long."""
_HAS_MARKS = "SELECT indnatts > 1 FROM pg_index WHERE indexrelid IN (to_regclass(:name), to_regclass(:next))"
_SCHEMA_OF_EXTENSION = """
    SELECT quote_ident(nspname) FROM pg_namespace
        WHERE oid = (SELECT extnamespace FROM pg_extension WHERE extname = 'pg_trgm')
"""


def is_there(connection: sa.Connection) -> bool:
    if connection.dialect.name == "sqlite":
        return sa.inspect(connection).has_table(text_in_sqlite.TEXT.name)
    return _has_index(connection, _INDEX)


def has_marks(connection: sa.Connection) -> bool:
    """Of each upload. Once it has, it keeps them."""
    if connection.dialect.name != "sqlite":
        return any(connection.execute(sa.text(_HAS_MARKS), {"name": _INDEX, "next": _NEXT}).scalars())
    if not sa.inspect(connection).has_table(text_in_sqlite.MARKED.name):
        return False
    return connection.execute(sa.select(text_in_sqlite.MARKED.c.since)).scalar_one() is None


def make(connection: sa.Connection) -> None:
    """In one transaction. DBAPIError where the database has nothing for it, or this role may not.

    Uploads of a release without this index come into it as they are renewed. An index of a release without marks
    gets them: SQLite's by `mark`. PostgreSQL's is made anew beside the old one, which answers meanwhile. Until that
    is done, nobody else writes uploads.
    """
    if connection.dialect.name == "sqlite":
        steps: Iterable[str] = text_in_sqlite.WITH_MARKS if is_there(connection) else text_in_sqlite.ANEW
        if sa.inspect(connection).has_table(text_in_sqlite.MARKED.name):
            return
    else:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        if has_marks(connection):
            return
        steps = _in_postgresql(connection)
    for statement in steps:
        connection.exec_driver_sql(statement)


def mark(connection: sa.Connection, limit: int) -> bool:
    """Give marks to so many uploads that have none; whether some may be left. In a transaction."""
    if connection.dialect.name != "sqlite" or not sa.inspect(connection).has_table(text_in_sqlite.MARKED.name):
        return False
    return text_in_sqlite.mark(connection, limit)


def _in_postgresql(connection: sa.Connection) -> Iterator[str]:
    """The extension may be in another schema than the tables, and that one not on the path."""
    yield "CREATE EXTENSION IF NOT EXISTS pg_trgm"
    schema = connection.exec_driver_sql(_SCHEMA_OF_EXTENSION).scalar_one()
    name = _NEXT if _has_index(connection, _INDEX) else _INDEX
    yield f"CREATE INDEX {name} ON history_uploads USING gin ({IN_POSTGRESQL}, searched {schema}.gin_trgm_ops)"


def drop_unmarked(connection: sa.Connection) -> None:
    """The index that is not needed any more. In a transaction of its own: nobody reads uploads meanwhile.

    DBAPIError where somebody reads them for long, such as a backup. Safe to repeat.
    """
    if connection.dialect.name == "sqlite" or not _has_index(connection, _NEXT):
        return
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
    connection.exec_driver_sql(f"DROP INDEX {_INDEX}")
    connection.exec_driver_sql(f"ALTER INDEX {_NEXT} RENAME TO {_INDEX}")


def _has_index(connection: sa.Connection, name: str) -> bool:
    return connection.execute(sa.select(sa.func.to_regclass(name))).scalar() is not None


@contextlib.contextmanager
def planned(connection: sa.Connection, *, by_index: bool) -> Iterator[None]:
    """PostgreSQL plans each query for its own words meanwhile; `by_index`: so that it finds them by its index.

    By itself it takes the uploads in their order where many have a word, which is slow where only old ones have it.
    """
    if connection.dialect.name == "sqlite":
        yield
        return
    with transaction(connection):
        connection.exec_driver_sql(f"{_FOR_THESE}; {_BY_INDEX}" if by_index else _FOR_THESE)
        yield


def pieces(parts: Iterable[str]) -> tuple[str, ...]:
    """Of three characters each, without a gap. The index is asked for these alone, as more would tell it little."""
    return tuple(dict.fromkeys(piece for part in parts for piece in _pieces(part)))


def _pieces(part: str) -> Iterator[str]:
    for start in range(0, len(part) - LEAST_CHARS + 1, LEAST_CHARS):
        yield part[start : start + LEAST_CHARS]
    if len(part) > LEAST_CHARS:
        yield part[-LEAST_CHARS:]
