"""The index in which words are searched: of every three characters in a row, by what the database has for it.

PostgreSQL's `pg_trgm` keeps itself. SQLite's FTS5 is a table beside the uploads, which triggers keep, whoever
writes; `history_words` numbers the uploads for it. Its numbers grow with the second in which an upload came in, so
that the newest that hold a word are found without a look at the others. Where a database has neither, a search
looks at every upload.
"""

import contextlib
from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from shared.store.database import SCHEMA_LOCK, transaction

LEAST_CHARS = 3
SECOND = 1 << 20
"""So many numbers has each second."""
NUMBERS = sa.Table(
    "history_words", sa.MetaData(), sa.Column("number", sa.Integer), sa.Column("correlation_id", sa.Text)
)
TEXT = sa.Table("history_text", sa.MetaData(), sa.Column("rowid", sa.Integer))
"""Its row id is an upload's number."""
_INDEX = "ix_history_uploads_searched"
_BY_BITMAPS = "; ".join(f"SET LOCAL enable_{way} = off" for way in ("seqscan", "indexscan", "indexonlyscan"))
_NUMBER = """
    INSERT INTO history_words (number, correlation_id)
        SELECT coalesce(
            (SELECT max(number) + 1 FROM history_words WHERE number >= CAST(new.first_at AS INTEGER) << 20
                AND number < (CAST(new.first_at AS INTEGER) + 1) << 20),
            CAST(new.first_at AS INTEGER) << 20
        ), new.correlation_id
        WHERE NOT EXISTS (SELECT 1 FROM history_words WHERE correlation_id = new.correlation_id);
"""
_ADD = """
    INSERT INTO history_text (rowid, searched) SELECT number, new.searched FROM history_words
        WHERE correlation_id = new.correlation_id AND new.searched IS NOT NULL;
"""
_TAKE = """
    INSERT INTO history_text (history_text, rowid, searched)
        SELECT 'delete', number, old.searched FROM history_words
        WHERE correlation_id = old.correlation_id AND old.searched IS NOT NULL;
"""
_UNNUMBER = "DELETE FROM history_words WHERE correlation_id = old.correlation_id;"
_ON = {
    "insert": f"INSERT ON history_uploads BEGIN {_NUMBER} {_ADD} END",
    "change": f"""UPDATE OF searched, first_at ON history_uploads
        WHEN old.searched IS NOT new.searched OR old.first_at IS NOT new.first_at
        BEGIN {_TAKE} {_UNNUMBER} {_NUMBER} {_ADD} END""",
    "delete": f"DELETE ON history_uploads BEGIN {_TAKE} {_UNNUMBER} END",
}
_SQLITE = (
    "CREATE TABLE history_words (number INTEGER PRIMARY KEY, correlation_id TEXT NOT NULL UNIQUE)",
    """CREATE VIRTUAL TABLE history_text USING fts5(
        searched, content='', tokenize='trigram case_sensitive 1', detail=none, columnsize=0)""",
    *(f"CREATE TRIGGER history_text_{name} AFTER {rest}" for name, rest in _ON.items()),
    """INSERT INTO history_words (number, correlation_id)
        SELECT (second << 20) + row_number() OVER (PARTITION BY second ORDER BY correlation_id), correlation_id
        FROM (SELECT CAST(first_at AS INTEGER) AS second, correlation_id FROM history_uploads
            WHERE searched IS NOT NULL)""",
    """INSERT INTO history_text (rowid, searched)
        SELECT number, searched FROM history_words JOIN history_uploads USING (correlation_id) ORDER BY number""",
)
_SCHEMA_OF_EXTENSION = """
    SELECT quote_ident(nspname) FROM pg_namespace
        WHERE oid = (SELECT extnamespace FROM pg_extension WHERE extname = 'pg_trgm')
"""


def is_there(connection: sa.Connection) -> bool:
    if connection.dialect.name == "sqlite":
        return sa.inspect(connection).has_table(TEXT.name)
    return connection.execute(sa.select(sa.func.to_regclass(_INDEX))).scalar() is not None


def make(connection: sa.Connection) -> None:
    """In one transaction. DBAPIError where the database has nothing for it, or this role may not.

    On uploads of an earlier release it is done at once: they come into it as they are renewed.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SCHEMA_LOCK)))
    if is_there(connection):
        return
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _in_postgresql(connection):
        connection.exec_driver_sql(statement)


def _in_postgresql(connection: sa.Connection) -> Iterator[str]:
    """The extension may be in another schema than the tables, and that one not on the path."""
    yield "CREATE EXTENSION IF NOT EXISTS pg_trgm"
    schema = connection.exec_driver_sql(_SCHEMA_OF_EXTENSION).scalar_one()
    yield f"CREATE INDEX {_INDEX} ON history_uploads USING gin (searched {schema}.gin_trgm_ops)"


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


def matching(wanted: Iterable[str]) -> sa.TextClause:
    """Of SQLite's index, those that may hold all of these pieces."""
    quoted = " AND ".join('"{}"'.format(piece.replace('"', '""')) for piece in wanted)
    return sa.text(f"{TEXT.name} MATCH :wanted").bindparams(wanted=quoted)
