"""The tables and statements of the first release, word for word, as its workers execute them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from shared.store.database import clock_of, engine_for, url_of

DOUBLE = {"sqlite": "DOUBLE", "postgresql": "DOUBLE PRECISION"}
LEDGER = [
    """
        CREATE TABLE IF NOT EXISTS ledger ("key" TEXT NOT NULL, token TEXT, owner TEXT, leased_until
        {double}, wins INTEGER NOT NULL, progress TEXT, result TEXT, completed_at {double}, PRIMARY KEY
        ("key"))
    """,
    "CREATE INDEX IF NOT EXISTS ledger_completed_at ON ledger (completed_at)",
]
HISTORY = [
    """
        CREATE TABLE IF NOT EXISTS history_uploads (correlation_id TEXT NOT NULL, file_id TEXT, title
        TEXT, title_folded TEXT, room TEXT, state TEXT NOT NULL, reason TEXT, first_at {double} NOT
        NULL, last_at {double} NOT NULL, PRIMARY KEY (correlation_id))
    """,
    "CREATE INDEX IF NOT EXISTS ix_history_uploads_file_id ON history_uploads (file_id)",
    "CREATE INDEX IF NOT EXISTS ix_history_uploads_room ON history_uploads (room, last_at)",
    "CREATE INDEX IF NOT EXISTS ix_history_uploads_last_at ON history_uploads (last_at, title_folded)",
    "CREATE INDEX IF NOT EXISTS ix_history_uploads_state ON history_uploads (state, last_at)",
    """
        CREATE TABLE IF NOT EXISTS history_steps ("key" TEXT NOT NULL, correlation_id TEXT NOT NULL, at
        {double} NOT NULL, stage TEXT NOT NULL, outcome TEXT NOT NULL, type TEXT NOT NULL, message_id
        TEXT NOT NULL, attempt INTEGER NOT NULL, "by" TEXT NOT NULL, reason TEXT, event_id TEXT, file_id
        TEXT, title TEXT, room TEXT, rule TEXT, PRIMARY KEY ("key"))
    """,
    "CREATE INDEX IF NOT EXISTS ix_history_steps_file_id ON history_steps (file_id)",
    "CREATE INDEX IF NOT EXISTS ix_history_steps_correlation_id ON history_steps (correlation_id)",
    "CREATE INDEX IF NOT EXISTS ix_history_steps_event_id ON history_steps (event_id)",
    "CREATE INDEX IF NOT EXISTS ix_history_steps_message_id ON history_steps (message_id)",
    """
        CREATE TABLE IF NOT EXISTS history_position (stream TEXT NOT NULL, "offset" BIGINT, PRIMARY KEY
        (stream))
    """,
]
ROWS = [
    """
        INSERT INTO ledger (key, token, owner, leased_until, wins) VALUES ('open', 't1', 'mover@a:7',
        {now} - 1, 1)
    """,
    """
        INSERT INTO ledger (key, token, owner, leased_until, wins, progress) VALUES ('held', 't2',
        'mover@a:7', {now} + 300, 2, 'operation 7')
    """,
    """
        INSERT INTO ledger (key, owner, wins, result, completed_at) VALUES ('done', 'mover@a:7', 1,
        'yes', 1700000000)
    """,
]
HISTORY_ROWS = [
    """
        INSERT INTO history_uploads (correlation_id, file_id, title, title_folded, room, state,
        first_at, last_at) VALUES ('a', '4711', 'Invoice 1.pdf', 'invoice 1.pdf', '12', 'waiting', 100,
        100)
    """,
    """
        INSERT INTO history_steps ("key", correlation_id, at, stage, outcome, type, message_id, attempt,
        "by", title) VALUES ('k1', 'a', 100, 'ingress', 'received', 'webhook.file.uploaded', 'm1', 1,
        'ingress@a:7', 'Invoice 1.pdf')
    """,
    """
        INSERT INTO history_position (stream, "offset") VALUES ('history', 0)
    """,
]
CLAIM = """
    INSERT INTO ledger ("key", token, owner, leased_until, wins) VALUES (:key, :token, 'released', ({now} +
    :lease_s), 1) ON CONFLICT ("key") DO UPDATE SET token = excluded.token, owner = excluded.owner,
    leased_until = excluded.leased_until, wins = (ledger.wins + 1) WHERE ledger.result IS NULL AND
    (ledger.leased_until IS NULL OR ledger.leased_until <= {now}) RETURNING ledger."key", token, wins,
    progress
"""
LOOK = """
    SELECT ledger."key", ledger.token, ledger.owner, ledger.leased_until, ledger.wins, ledger.progress,
    ledger.result, ledger.completed_at, ledger.leased_until - {now} AS remaining_s FROM ledger WHERE
    ledger."key" IN (:key)
"""
NOTE = """
    UPDATE ledger SET progress=:progress WHERE ledger."key" = :key AND ledger.token = :token AND
    ledger.result IS NULL
"""
FORGET_UNTOUCHED = """
    DELETE FROM ledger WHERE ledger."key" = :key AND ledger.token = :token AND ledger.result IS NULL AND
    ledger.wins = 1 AND ledger.progress IS NULL
"""
GIVE_BACK = """
    UPDATE ledger SET token=NULL, leased_until=NULL WHERE ledger."key" = :key AND ledger.token = :token AND
    ledger.result IS NULL
"""
COMPLETE = """
    INSERT INTO ledger ("key", token, owner, leased_until, wins, result, completed_at) VALUES (:key, NULL,
    'released', NULL, 0, :result, {now}) ON CONFLICT ("key") DO UPDATE SET token = excluded.token,
    leased_until = excluded.leased_until, result = excluded.result, completed_at = excluded.completed_at
    WHERE ledger.result IS NULL
"""
PRUNE = """
    DELETE FROM ledger WHERE ledger."key" IN (SELECT ledger."key" FROM ledger WHERE ledger.completed_at <
    {now} - :older_than_s ORDER BY ledger.completed_at LIMIT 500)
"""
STEP = """
    INSERT INTO history_steps ("key", correlation_id, at, stage, outcome, type, message_id, attempt, "by",
    reason, event_id, file_id, title, room, rule) VALUES (:key, :upload, :at, 'mover', 'forward',
    'invoice.filed', 'm2', 1, 'mover@a:7', NULL, NULL, '4711', 'Invoice 1.pdf', '12', 'acme') ON CONFLICT DO
    NOTHING
"""
UPLOAD = """
    INSERT INTO history_uploads (correlation_id, file_id, title, title_folded, room, state, reason,
    first_at, last_at) VALUES (:upload, '4711', 'Invoice 1.pdf', 'invoice 1.pdf', '12', 'waiting', NULL,
    100, :at) ON CONFLICT (correlation_id) DO UPDATE SET file_id = excluded.file_id, title = excluded.title,
    title_folded = excluded.title_folded, room = excluded.room, state = excluded.state, reason =
    excluded.reason, first_at = excluded.first_at, last_at = excluded.last_at
"""
READ_STEPS = """
    SELECT history_steps."key", history_steps.correlation_id, history_steps.at, history_steps.stage,
    history_steps.outcome, history_steps.type, history_steps.message_id, history_steps.attempt,
    history_steps."by", history_steps.reason, history_steps.event_id, history_steps.file_id,
    history_steps.title, history_steps.room, history_steps.rule FROM history_steps WHERE
    history_steps.correlation_id IN (:upload)
"""


class Released:
    """A program of the first release, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        name = connection.dialect.name
        self._words = {"double": DOUBLE[name], "now": str(clock_of(name))}

    def run(self, *statements: str, **values: Any) -> list[Any]:
        """The rows of the last one."""
        for statement in statements:
            result = self._connection.execute(sa.text(statement.format(**self._words)), values)
        return list(result.all()) if result.returns_rows else []


@contextmanager
def released(database_url: str) -> Iterator[Released]:
    url = url_of(database_url)
    if url.drivername == "sqlite":
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = engine_for(url)
    try:
        with engine.connect() as connection:
            yield Released(connection)
    finally:
        engine.dispose()
