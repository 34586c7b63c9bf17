"""A history of many uploads of six steps, such as the projector writes, by the database's own bulk load.

The product makes the tables. The indexes, which would slow the load, are dropped before it and made afterwards, by
the product too.
"""

import contextlib
import itertools
import random
import time
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from bench.history_stencils import STEPS_EACH, Facts, Row, Stencil
from shared.store.history.tables import POSITION, STEPS, UPLOADS, Database
from shared.store.history.upload import State

AT_ONCE = 20_000
"""Uploads that are held in memory."""
BUILD_CACHE_KIB = 1_000_000
BUILD_MEMORY = "1GB"
INVOICE_ONE_IN, DEAD_ONE_IN = 4, 400
"""An ordinary portal: most uploads are no invoices, and few die."""
OLD_ONE_IN = 10
"""The oldest tenth has a word of its own."""
LAST_WAIT = 60
OVER_S = 400 * 86_400.0
"""The history's default length."""
OLD_WORD, CLOSED_ROOM = "Legacy", "Omega Werft GmbH"
"""What nothing newer has: the word is in the oldest tenth, the room had 1 of 100 uploads in the older half."""
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
CLOSED_SHARE = 0.01
FIRST_ROOM = 86_190


def build(url: str, count: int) -> None:
    """`count` uploads, and all their steps, in a database that has no history yet."""
    with contextlib.closing(Database(url)) as bare:  # one that does not write makes no text index
        bare.create()
        with bare.transaction() as connection:
            _drop_indexes(connection)
    with _hurried(url) as database:
        _fill(database, count)
        database.create()
        with database.transaction() as connection:
            connection.execute(sa.insert(POSITION).values(stream="history", offset=STEPS_EACH * count))


def title_of(number: int, count: int) -> str:
    kind = "Invoice" if number % INVOICE_ONE_IN == 0 else KINDS[number % len(KINDS)]
    return f"{OLD_WORD + ' ' if number <= count // OLD_ONE_IN else ''}{kind} {number:07}.pdf"


def state_of(number: int, count: int) -> State:
    if number % DEAD_ONE_IN == 0:
        return State.FAILED
    if number > count - LAST_WAIT:
        return State.WAITING
    return State.SKIPPED if number % INVOICE_ONE_IN else State.FILED


def _rows(count: int) -> Iterator[tuple[Row, list[Row]]]:
    chance, began_at = random.Random(1), int(time.time() - OVER_S)
    stencils = {state: Stencil(state) for state in State}
    for number in range(1, count + 1):
        room, person = chance.randrange(len(ROOMS)), chance.choice(PEOPLE)
        closes = number <= count // 2 and chance.random() < CLOSED_SHARE
        facts = Facts(
            number=number,
            at=float(began_at + int(OVER_S * number / count)),
            title=title_of(number, count),
            room=str(FIRST_ROOM + len(ROOMS) if closes else FIRST_ROOM + room),
            room_title=CLOSED_ROOM if closes else ROOMS[room],
            uploaded_by=person,
        )
        yield stencils[state_of(number, count)].rows(facts)


def _drop_indexes(connection: sa.Connection) -> None:
    for table in (UPLOADS.name, STEPS.name):
        for index in sa.inspect(connection).get_indexes(table):
            connection.exec_driver_sql(f"DROP INDEX {index['name']}")


@contextlib.contextmanager
def _hurried(url: str) -> Iterator[Database]:
    """With the memory that a load of this size wants, and without a care for a power cut."""
    with contextlib.closing(Database(url, writes=True)) as database:
        if database.is_sqlite:
            with database.connection() as connection:  # the pool gives the same one again
                for pragma in (f"cache_size = -{BUILD_CACHE_KIB}", "journal_mode = OFF", "synchronous = OFF"):
                    connection.exec_driver_sql(f"PRAGMA {pragma}")
            yield database
            return
        with database.connection() as connection:
            connection.exec_driver_sql(f"SET maintenance_work_mem = '{BUILD_MEMORY}'")
        yield database
        with database.connection() as connection:  # as autovacuum soon does
            connection.exec_driver_sql(f"VACUUM ANALYZE {UPLOADS.name}, {STEPS.name}")


def _fill(database: Database, count: int) -> None:
    """Both tables in the order of time, as they grow."""
    insert = _insert_sqlite if database.is_sqlite else _copy
    rows = _rows(count)
    with database.transaction() as connection:
        if not database.is_sqlite:
            _drop_keys(connection)
        while some := list(itertools.islice(rows, AT_ONCE)):
            insert(connection, UPLOADS, (upload for upload, _ in some))
            insert(connection, STEPS, itertools.chain.from_iterable(steps for _, steps in some))
        if not database.is_sqlite:
            _make_keys(connection)


def _insert_sqlite(connection: sa.Connection, table: sa.Table, rows: Iterable[Row]) -> None:
    marks = ", ".join("?" * len(table.c))
    _driver(connection).executemany(f"INSERT INTO {table.name} ({_columns(table)}) VALUES ({marks})", rows)


def _copy(connection: sa.Connection, table: sa.Table, rows: Iterable[Row]) -> None:
    with _driver(connection).cursor().copy(f"COPY {table.name} ({_columns(table)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _drop_keys(connection: sa.Connection) -> None:
    """PostgreSQL's alone: SQLite makes a table with its key or without."""
    for table in (UPLOADS, STEPS):
        connection.exec_driver_sql(f"ALTER TABLE {table.name} DROP CONSTRAINT {table.name}_pkey")


def _make_keys(connection: sa.Connection) -> None:
    for table in (UPLOADS, STEPS):
        (key,) = table.primary_key
        connection.exec_driver_sql(f'ALTER TABLE {table.name} ADD PRIMARY KEY ("{key.name}")')


def _columns(table: sa.Table) -> str:
    return ", ".join(f'"{name}"' for name in table.c.keys())  # noqa: SIM118 - of columns, not of a mapping


def _driver(connection: sa.Connection) -> Any:
    return connection.connection.driver_connection
