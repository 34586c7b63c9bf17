"""What history and web console cost the classifier: its throughput with both and with neither.

The projector has caught up with the webhooks before the clock starts, so that what it reads meanwhile is what the
classifier publishes. Afterwards it must have kept every step.
"""

import contextlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pika
import sqlalchemy as sa

from bench import product, worker
from bench.child import Child
from bench.contenders import WORKERS
from bench.history_reader import reader
from shared.amqp.operator.stream import QUEUE
from shared.store.history.tables import STEPS, Database

WITHOUT, WITH = "alone", "with history and web"
CATCH_UP_S = 120.0


@dataclass(frozen=True, slots=True)
class CostFigures:
    per_s: float
    projector_cpu_us: float = 0.0
    """For each message of the classifier, until all was kept."""
    behind_s: float = 0.0
    """When the projector had kept all, after the classifier's last message."""


def run(url: str, mode: str, count: int) -> CostFigures:
    """ContenderError where the classifier or the projector lost or doubled something."""
    _drop_stream(url)
    if mode == WITH:
        return _with_history(url, count)
    return CostFigures(worker.run(url, WORKERS[0], count, prefetch=0).per_s)


def _with_history(url: str, count: int) -> CostFigures:
    with _projector(url) as (projector, database):
        before_s = 0.0

        def caught_up() -> None:
            nonlocal before_s
            _until_kept(database, projector, count)
            before_s = projector.cpu_s()

        figures = worker.run(url, WORKERS[0], count, prefetch=0, filled=caught_up)
        started = time.perf_counter()
        _until_kept(database, projector, 2 * count)
        behind_s = time.perf_counter() - started
        cpu_us = (projector.cpu_s() - before_s) * 1_000_000 / count
    return CostFigures(figures.per_s, cpu_us, behind_s)


@contextlib.contextmanager
def _projector(url: str) -> Iterator[tuple[Child, Database]]:
    with tempfile.TemporaryDirectory() as folder:
        database_url = f"sqlite:///{folder}/ledger.db"
        environ = {"AMQP_URL": url, "DATABASE_URL": database_url, "LOG_FORMAT": "json"}
        with Child([*product.module("console"), "history"], environ, Path(folder) / "history.log") as child:
            deadline = time.monotonic() + CATCH_UP_S
            while "history.connected" not in child.log():
                child.check()
                if time.monotonic() > deadline:
                    raise child.failed("it did not connect")
                time.sleep(0.1)
            with contextlib.closing(Database(database_url)) as database, reader(environ, Path(folder)):
                yield child, database


def _until_kept(database: Database, projector: Child, count: int) -> None:
    """Counts steps, not offsets: what was published again, for want of a confirm, is in the stream twice."""
    deadline = time.monotonic() + CATCH_UP_S
    while (kept := _steps_in(database)) < count:
        projector.check()
        if time.monotonic() > deadline:
            raise projector.failed(f"it kept {kept} steps of {count}")
        time.sleep(0.2)
    if kept > count:
        raise projector.failed(f"it kept {kept} steps of {count}")


def _steps_in(database: Database) -> int:
    with database.connection() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(STEPS)).scalar_one())


def _drop_stream(url: str) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    connection.channel().queue_delete(QUEUE)
    connection.close()
