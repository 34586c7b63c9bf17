"""SQLite's text index: an FTS5 table beside the uploads, which triggers keep, whoever writes.

`history_words` numbers the uploads for it. The numbers grow with the second in which an upload came in, so that the
newest that hold a word are found without a look at the others. `history_marked` says from which number on uploads
that a release before marks wrote are without these; NULL: all have them.
"""

from collections.abc import Iterable

import sqlalchemy as sa

from shared.store.history.marks import fate_in_sqlite, in_sqlite, room_in_sqlite

SECOND = 1 << 20
"""So many numbers has each second."""
NUMBERS = sa.Table(
    "history_words", sa.MetaData(), sa.Column("number", sa.Integer), sa.Column("correlation_id", sa.Text)
)
TEXT = sa.Table("history_text", sa.MetaData(), sa.Column("rowid", sa.Integer))
"""Its row id is an upload's number."""
MARKED = sa.Table("history_marked", sa.MetaData(), sa.Column("since", sa.Integer))
_MARKS, _NEW, _OLD = (in_sqlite(row) for row in ("history_uploads", "new", "old"))
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
    INSERT INTO history_text (rowid, searched) SELECT number, {text} FROM history_words
        WHERE correlation_id = new.correlation_id AND new.searched IS NOT NULL;
"""
_TAKE = """
    INSERT INTO history_text (history_text, rowid, searched) SELECT 'delete', number, {text} FROM history_words
        WHERE correlation_id = old.correlation_id AND old.searched IS NOT NULL;
"""
_ADD_ALL, _TAKE_ALL = _ADD.format(text=f"new.searched || {_NEW}"), _TAKE.format(text=f"old.searched || {_OLD}")
_UNNUMBER = "DELETE FROM history_words WHERE correlation_id = old.correlation_id;"
_IS_NEW_TEXT = "(old.searched IS NOT new.searched OR old.first_at IS NOT new.first_at)"
_ON = {
    "insert": f"INSERT ON history_uploads BEGIN {_NUMBER} {_ADD_ALL} END",
    "change": f"""UPDATE OF searched, first_at ON history_uploads WHEN {_IS_NEW_TEXT}
        BEGIN {_TAKE_ALL} {_UNNUMBER} {_NUMBER} {_ADD_ALL} END""",
    "mark": f"""UPDATE OF state, filed_at, room ON history_uploads WHEN NOT {_IS_NEW_TEXT} AND {_OLD} <> {_NEW}
        BEGIN {_TAKE.format(text=_OLD)} {_ADD.format(text=_NEW)} END""",
    "delete": f"DELETE ON history_uploads BEGIN {_TAKE_ALL} {_UNNUMBER} END",
}
_FILL = """
    INSERT INTO history_text (rowid, searched)
        SELECT number, {text} FROM history_words JOIN history_uploads USING (correlation_id)
            WHERE number {numbers} AND searched IS NOT NULL ORDER BY number
"""
_TRIGGERS = tuple(f"CREATE TRIGGER history_text_{name} AFTER {rest}" for name, rest in _ON.items())
_MARKED = "CREATE TABLE history_marked (since INTEGER)"
ANEW = (
    "CREATE TABLE history_words (number INTEGER PRIMARY KEY, correlation_id TEXT NOT NULL UNIQUE)",
    """CREATE VIRTUAL TABLE history_text USING fts5(
        searched, content='', tokenize='trigram case_sensitive 1', detail=none, columnsize=0)""",
    *_TRIGGERS,
    _MARKED,
    "INSERT INTO history_marked (since) VALUES (NULL)",
    """INSERT INTO history_words (number, correlation_id)
        SELECT (second << 20) + row_number() OVER (PARTITION BY second ORDER BY correlation_id), correlation_id
        FROM (SELECT CAST(first_at AS INTEGER) AS second, correlation_id FROM history_uploads
            WHERE searched IS NOT NULL)""",
    _FILL.format(text=f"searched || {_MARKS}", numbers="IS NOT NULL"),
)
WITH_MARKS = (
    *(f"DROP TRIGGER history_text_{name}" for name in ("insert", "change", "delete")),
    *_TRIGGERS,
    _MARKED,
    "INSERT INTO history_marked (since) VALUES (0)",
)
"""Of one without. Uploads that come or change from now on have marks; `mark` gives them to the others."""
_LAST = "SELECT max(number) FROM (SELECT number FROM history_words WHERE number >= ? ORDER BY number LIMIT ?)"
_MARK = _FILL.format(text=_MARKS, numbers="BETWEEN ? AND ?")


def mark(connection: sa.Connection, limit: int) -> bool:
    """Give so many uploads their marks; whether some may be left. In a transaction.

    Those that a trigger marked meanwhile get the same marks again, which changes nothing.
    """
    since = connection.execute(sa.select(MARKED.c.since)).scalar_one()
    if since is None:
        return False
    last = connection.exec_driver_sql(_LAST, (since, limit)).scalar()
    if last is not None:
        connection.exec_driver_sql(_MARK, (since, last))
    connection.execute(sa.update(MARKED).values(since=None if last is None else last + 1))
    return last is not None


def matching(pieces: Iterable[str], fates: Iterable[str] = (), room: str | None = None) -> sa.TextClause:
    """Those that may hold all of these pieces, one of these fates' marks if there are any, and that of the room."""
    wanted = [_quoted(piece) for piece in pieces]
    if marks := [_quoted(fate_in_sqlite(fate)) for fate in fates]:
        wanted.append(f"({' OR '.join(marks)})")
    all_of = " AND ".join(wanted)
    if room is None:
        return sa.text("history_text MATCH :wanted").bindparams(wanted=all_of)
    of_room = f"""' AND "' || {room_in_sqlite(":room")} || '"'"""
    return sa.text(f"history_text MATCH :wanted || {of_room}").bindparams(wanted=all_of, room=room)


def _quoted(piece: str) -> str:
    doubled = piece.replace('"', '""')
    return f'"{doubled}"'
