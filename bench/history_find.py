"""How long a question to the history takes among a million uploads, on SQLite and on PostgreSQL.

The rows are what the projector would have written, brought in by the database's own bulk load.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from shared.store.history.queries import STEP_FIELDS, Queries
from shared.store.history.step import INGRESS, Outcome, Step
from shared.store.history.store import summary
from shared.store.history.tables import POSITION, STEPS, UPLOADS, Database
from shared.store.history.upload import State
from shared.wire.message import derived_id
from shared.wire.stages import CLASSIFIER, MOVER, STAGES

LOAD_BATCH = 20_000
INVOICE_ONE_IN, DEAD_ONE_IN = 4, 400
"""An ordinary portal: most uploads are no invoices, and few die."""
OVER_S = 90 * 86_400.0
"""The history's default length."""
ASKED = 7
_step_row = attrgetter(*STEP_FIELDS)
LIMIT = 50
"""As the commands have it."""
FILED_BY = tuple((stage.name, stage.publishes.routing_key) for stage in STAGES)


def build(database: Database, count: int) -> None:
    """`count` uploads, and all their steps."""
    with database.transaction() as connection:
        for table in (UPLOADS, STEPS):
            connection.execute(CreateTable(table))  # its indexes afterwards: that is several times as fast
    first_at = time.time() - OVER_S
    for start in range(1, count + 1, LOAD_BATCH):
        batch = range(start, min(start + LOAD_BATCH, count + 1))
        uploads = [list(_steps(number, first_at + OVER_S * number / count)) for number in batch]
        with database.transaction() as connection:
            _load(connection, STEPS, STEP_FIELDS, [_step_row(step) for steps in uploads for step in steps])
            rows = [summary(steps) for steps in uploads]
            _load(connection, UPLOADS, tuple(rows[0]), [tuple(row.values()) for row in rows])
    database.create()
    with database.transaction() as connection:
        connection.execute(sa.insert(POSITION).values(stream="history", offset=4 * count))


def _steps(number: int, at: float) -> Iterator[Step]:
    title = f"{'Invoice' if number % INVOICE_ONE_IN == 0 else 'Müller & Söhne, offer'} {number:07}.pdf"
    common = {"correlation_id": derived_id("upload", number), "file_id": str(748_300 + number), "title": title}
    message_id = derived_id("event", 7, number)
    yield _step(
        **common,
        at=at,
        stage=INGRESS,
        outcome=Outcome.RECEIVED,
        message_id=message_id,
        event_id=str(18_230 + number),
    )
    if number % INVOICE_ONE_IN:
        reason = f'rule "acme": title "{title}" does not start with "invoice"'
        yield _step(
            **common,
            at=at + 1,
            stage=CLASSIFIER.name,
            outcome=Outcome.SKIP,
            message_id=derived_id(message_id),
            reason=reason,
        )
        return
    for seconds, (stage, kind) in enumerate(FILED_BY, start=1):
        dead = stage == MOVER.name and number % DEAD_ONE_IN == 0
        message_id = derived_id(message_id, kind)
        yield _step(
            **common, at=at + seconds, stage=stage, outcome=Outcome.DEAD if dead else Outcome.FORWARD, type=kind,
            message_id=message_id, room=str(86_190 + number % 50), rule="acme", reason="no right" if dead else None,
        )  # fmt: skip
        if dead:
            return


def _step(**facts: object) -> Step:
    key = derived_id(facts["outcome"], facts["stage"], facts["message_id"])
    return Step(**{"key": key, "type": "webhook.file.uploaded", "by": "worker@host:1", **facts})  # type: ignore[arg-type]


def _load(
    connection: sa.Connection, table: sa.Table, fields: Sequence[str], rows: list[tuple[object, ...]]
) -> None:
    names = ", ".join(f'"{field}"' for field in fields)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(fields))
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)
        return
    raw = connection.connection.driver_connection
    assert raw is not None
    with raw.cursor().copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def questions(queries: Queries, count: int) -> dict[str, Callable[[], object]]:
    """What an operator asks; each of an upload in the midst."""
    number = count // 2 // DEAD_ONE_IN * DEAD_ONE_IN
    upload, file_id, event_id = derived_id("upload", number), str(748_300 + number), str(18_230 + number)
    return {
        "find a title that one upload has": lambda: queries.find(f"Invoice {number:07}", LIMIT),
        "find a title that many have": lambda: queries.find("müller", LIMIT),
        "find a title that none has": lambda: queries.find("Schmidt", LIMIT),
        "find a file id": lambda: queries.find(file_id, LIMIT),
        "find an event id": lambda: queries.find(event_id, LIMIT),
        "timeline of a file id": lambda: [
            queries.timeline(each.correlation_id) for each in queries.with_id(file_id, 20)
        ],
        "timeline of an upload": lambda: [
            queries.timeline(each.correlation_id) for each in queries.with_id(upload, 20)
        ],
        "list": lambda: queries.latest(limit=LIMIT),
        "list --state failed": lambda: queries.latest(state=State.FAILED, limit=LIMIT),
        "list --state waiting": lambda: queries.latest(state=State.WAITING, limit=LIMIT),
        "list --room, --since 1d": lambda: queries.latest(room="86194", since=time.time() - 86_400, limit=LIMIT),
        "list --room, --state failed": lambda: queries.latest(room="86194", state=State.FAILED, limit=LIMIT),
    }


def measure(database: Database, count: int) -> dict[str, tuple[float, float]]:
    """Seconds, median and longest, by question; each is asked several times, and the first time counts too."""
    took_s: dict[str, tuple[float, float]] = {}
    for name, ask in questions(Queries(database), count).items():
        times = []
        for _ in range(ASKED):
            started = time.perf_counter()
            ask()
            times.append(time.perf_counter() - started)
        took_s[name] = (statistics.median(times), max(times))
    return took_s
