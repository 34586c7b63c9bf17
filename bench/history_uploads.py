"""A history of many uploads of six steps, such as the projector writes, by the database's own bulk load."""

import random
import time
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from shared.store.history.searched import folded, searched
from shared.store.history.tables import POSITION, STEPS, UPLOADS, Database
from shared.store.history.upload import State
from shared.wire.message import derived_id

STEPS_EACH = 6
BUILD_CACHE_KIB = 600_000
INVOICE_ONE_IN, DEAD_ONE_IN = 4, 400
"""An ordinary portal: most uploads are no invoices, and few die."""
LAST_WAIT = 60
OVER_S = 400 * 86_400.0
"""The history's default length."""
ROOMS = [
    f"{kind} {trade} GmbH"
    for kind in ("Alpha", "Beta", "Nord", "Süd", "Groß", "Klein", "Blue", "Green", "Silver", "Iron")
    for trade in ("Logistik", "Bau", "Media", "Foods", "Energie", "Print", "Metall", "Textil", "Software", "Optik")
]
PEOPLE = [
    f"{first} {last}"
    for first in ("Anna", "Ben", "Carla", "David", "Eva", "Finn", "Gerd", "Hanna")
    for last in ("Müller", "Schmidt", "Weber", "Novak", "Rossi", "Dupont", "Ivanov", "Smith", "Jones", "Öztürk")
]
KINDS = ("Offer", "Lieferschein", "Contract", "Scan", "Report Q3", "Angebot", "IMG", "Protokoll")
FIRST_ROOM, FIRST_FILE = 86_190, 748_300
_STEPS_OF_ALL = """
    INSERT INTO history_steps ("key", correlation_id, at, stage, outcome, type, message_id, attempt, "by", reason,
        event_id, file_id, title, room, room_title, uploaded_by, rule, recipients)
    SELECT correlation_id || n, correlation_id, first_at + n,
        CASE WHEN n < 2 THEN 'ingress' WHEN state <> 'filed' OR n < 4 THEN 'classifier'
            WHEN n = 4 THEN 'mover' ELSE 'notifier' END,
        CASE WHEN n < 2 THEN 'received' WHEN state = 'filed' THEN 'forward'
            WHEN n < 4 THEN 'retry' WHEN state = 'failed' THEN 'dead' ELSE 'skip' END,
        'webhook.file.uploaded', file_id || '-' || correlation_id || '-' || (n % 2), 1, 'worker@host:1', reason,
        CASE WHEN n < 2 THEN file_id || n END, file_id, title,
        CASE WHEN n > 3 THEN room END, CASE WHEN n > 3 THEN room_title END, CASE WHEN n > 3 THEN uploaded_by END,
        rule, recipients
    FROM history_uploads CROSS JOIN (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2
        UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5) AS numbers
    ORDER BY correlation_id
"""


def build(database: Database, count: int) -> None:
    """`count` uploads, and all their steps. `database` is one that writes."""
    if database.is_sqlite:
        with database.connection() as connection:  # which the pool gives again
            connection.exec_driver_sql(f"PRAGMA cache_size = -{BUILD_CACHE_KIB}")
    with database.transaction() as connection:
        for table in (UPLOADS, STEPS):
            connection.execute(CreateTable(table))  # its indexes afterwards: that is several times as fast
        _load(connection, count)
        connection.execute(sa.text(_STEPS_OF_ALL))
    database.create()
    with database.transaction() as connection:
        connection.execute(sa.insert(POSITION).values(stream="history", offset=STEPS_EACH * count))
    if database.is_sqlite:
        database.close()  # the next connection has the product's own cache
    else:
        with database.connection() as connection:  # as autovacuum soon does
            connection.exec_driver_sql(f"VACUUM ANALYZE {UPLOADS.name}, {STEPS.name}")


def title_of(number: int) -> str:
    return f"{'Invoice' if number % INVOICE_ONE_IN == 0 else KINDS[number % len(KINDS)]} {number:07}.pdf"


def event_of(number: int) -> str:
    return f"{FIRST_FILE + number}0"


def _rows(count: int) -> Iterator[dict[str, object]]:
    chance, started = random.Random(1), time.time() - OVER_S
    for number in range(1, count + 1):
        room, person, title = chance.randrange(len(ROOMS)), chance.choice(PEOPLE), title_of(number)
        at = started + OVER_S * number / count
        state = _state(number, count)
        filed = {"filed_at": at + 4, "announced_at": at + 5} if state is State.FILED else {}
        invoice = {"rule": "acme", "destination": "748239", "recipients": '["manager@example.com"]'}
        yield {
            "correlation_id": derived_id("upload", number),
            "file_id": str(FIRST_FILE + number),
            "title": title,
            "title_folded": folded(title),
            "room": str(FIRST_ROOM + room),
            "state": state.value,
            "reason": None if state is State.FILED else 'rule "acme": the title does not start with "invoice"',
            "first_at": at,
            "last_at": at + 5,
            "room_title": ROOMS[room],
            "uploaded_by": person,
            "uploaded_at": "2026-11-29T20:35:12.163054Z",
            "searched": searched(title, ROOMS[room], person),
            **(invoice if number % INVOICE_ONE_IN == 0 else {}),
            **filed,
        }


def _state(number: int, count: int) -> State:
    if number % DEAD_ONE_IN == 0:
        return State.FAILED
    if number > count - LAST_WAIT:
        return State.WAITING
    return State.SKIPPED if number % INVOICE_ONE_IN else State.FILED


def _load(connection: sa.Connection, count: int) -> None:
    fields = UPLOADS.c.keys()
    rows = (tuple(row.get(field) for field in fields) for row in _rows(count))
    names = ", ".join(f'"{field}"' for field in fields)
    if connection.dialect.name == "sqlite":
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.executemany(f"INSERT INTO {UPLOADS.name} ({names}) VALUES ({', '.join('?' * len(fields))})", rows)
        return
    _copy(connection, f"COPY {UPLOADS.name} ({names}) FROM STDIN", rows)


def _copy(connection: sa.Connection, statement: str, rows: Iterator[Sequence[object]]) -> None:
    raw = connection.connection.driver_connection
    assert raw is not None
    with raw.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
