"""The index in which words are searched: of every three characters in a row, by what the database has for it.

PostgreSQL's `pg_trgm` keeps itself. SQLite's FTS5 is a table beside the uploads, which triggers keep, whoever
writes; `history_words` numbers the uploads for it, as a row's own number may be another after a VACUUM. Where a
database has neither, a search looks at every upload.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from shared.store.database import SCHEMA_LOCK

LEAST_CHARS = 3
NUMBERS = sa.Table(
    "history_words", sa.MetaData(), sa.Column("number", sa.Integer), sa.Column("correlation_id", sa.Text)
)
_INDEX = "ix_history_uploads_searched"
_TEXT = "history_text"
_NUMBER = """
    INSERT INTO history_words (correlation_id) SELECT new.correlation_id
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
    "change": f"""UPDATE OF searched ON history_uploads WHEN old.searched IS NOT new.searched
        BEGIN {_TAKE} {_NUMBER} {_ADD} END""",
    "delete": f"DELETE ON history_uploads BEGIN {_TAKE} {_UNNUMBER} END",
}
_SQLITE = (
    "CREATE TABLE history_words (number INTEGER PRIMARY KEY, correlation_id TEXT NOT NULL UNIQUE)",
    """CREATE VIRTUAL TABLE history_text USING fts5(
        searched, content='', tokenize='trigram case_sensitive 1', detail=none, columnsize=0)""",
    *(f"CREATE TRIGGER history_text_{name} AFTER {rest}" for name, rest in _ON.items()),
    """INSERT INTO history_words (correlation_id)
        SELECT correlation_id FROM history_uploads WHERE searched IS NOT NULL""",
    """INSERT INTO history_text (rowid, searched)
        SELECT number, searched FROM history_words JOIN history_uploads USING (correlation_id)""",
)
_SCHEMA_OF_EXTENSION = """
    SELECT quote_ident(nspname) FROM pg_namespace
        WHERE oid = (SELECT extnamespace FROM pg_extension WHERE extname = 'pg_trgm')
"""


def is_there(connection: sa.Connection) -> bool:
    if connection.dialect.name == "sqlite":
        return sa.inspect(connection).has_table(_TEXT)
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


def matching(parts: Iterable[str]) -> sa.Select[Any] | None:
    """In SQLite, the numbers of the uploads that may hold all of these; None: they are too short for the index."""
    trigrams = dict.fromkeys(
        part[start : start + LEAST_CHARS] for part in parts for start in range(len(part) - LEAST_CHARS + 1)
    )
    if not trigrams:
        return None
    wanted = " AND ".join('"{}"'.format(trigram.replace('"', '""')) for trigram in trigrams)
    found = sa.select(sa.literal_column("rowid", sa.Integer)).select_from(sa.text(_TEXT))
    return found.where(sa.text("history_text MATCH :wanted").bindparams(wanted=wanted))
