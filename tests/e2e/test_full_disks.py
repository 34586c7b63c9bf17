"""Each disk that something is written to is full once, while invoices come: none is lost or doubled."""

import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.store.ledger.ledger import COMPLETE_PATIENCE_S
from tests.chaos.mails import title_in
from tests.support.brokers import Broker, fresh_vhost
from tests.support.databases import SmallDatabase, answers, small_database
from tests.support.history import Projector
from tests.support.pipeline import INCOMING, WORKERS, Pipeline, limit_files, running_pipeline
from tests.support.waiting import wait_until

FULL_S, BETWEEN_S = 4.0, 2.0
NO_SPACE = "No space left on device"
STARTS_IN_VAIN = 'FATAL:  could not write to file "pg_wal/'
EVERY_S = 0.5
"""Between two uploads."""


@contextmanager
def uploading(pipeline: Pipeline) -> Iterator[list[str]]:
    """Invoices all the time; their titles."""
    titles: list[str] = []
    over = threading.Event()

    def upload() -> None:
        while not over.wait(EVERY_S):
            title = f"Invoice {len(titles):04}.pdf"
            pipeline.upload(title)
            titles.append(title)

    thread = threading.Thread(target=upload)
    thread.start()
    try:
        yield titles
    finally:
        over.set()
        thread.join(20)


@contextmanager
def full(pipeline: Pipeline, projector: Projector, broker: Broker, disk: str) -> Iterator[None]:
    """The files of one process do not grow; of the broker: it says that its disk is full, and takes nothing."""
    if disk == "rabbitmq":
        broker.ctl("set_disk_free_limit", "1000000GB")
        yield
        broker.ctl("set_disk_free_limit", "50MB")
    elif disk == "history":
        for size in (0, resource.RLIM_INFINITY):
            resource.prlimit(projector.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
            if size == 0:
                yield
    else:
        limit_files(pipeline.workers[disk], 0)
        yield
        if disk == "mover":
            assert "the ledger cannot be reached" in pipeline.unready(disk)
        limit_files(pipeline.workers[disk], resource.RLIM_INFINITY)


@pytest.mark.timeout(300)
def test_whichever_disk_is_full_all_invoices_are_filed_and_told_once_there_is_room(
    any_broker: Broker, tmp_path: Path
) -> None:
    with fresh_vhost(any_broker) as url, running_pipeline(url, tmp_path, RETRY_DELAYS_S="1,2,5") as pipeline:
        projector = Projector(url, tmp_path)
        try:
            pipeline.wait_ready()
            with uploading(pipeline) as titles:
                for disk in (*WORKERS, "history", "rabbitmq"):
                    time.sleep(BETWEEN_S)
                    with full(pipeline, projector, any_broker, disk):
                        time.sleep(FULL_S)
            all_are_filed_and_told_once(pipeline, projector, titles)
        finally:
            projector.kill()


@pytest.mark.containers
@pytest.mark.timeout(300)
def test_a_postgresql_whose_disk_is_full_loses_no_invoice_and_doubles_none(
    any_vhost_url: str, tmp_path: Path
) -> None:
    with (
        small_database(96) as database,
        running_pipeline(any_vhost_url, tmp_path, database.url) as pipeline,
    ):
        projector = Projector(any_vhost_url, tmp_path, DATABASE_URL=database.url)
        outages_s: list[float] = []
        try:
            pipeline.wait_ready()
            with uploading(pipeline) as titles:
                wait_until(lambda: pipeline.state()["mails"], 60, "the first mail")
                with no_space(pipeline, database, outages_s):  # its tables do not grow; it answers
                    wait_until(lambda: NO_SPACE in pipeline.unready("mover"), 30, "the mover to say so")
                    wait_until(lambda: NO_SPACE in projector.log.read_text(), 30, "the history to say so")
                with no_space(pipeline, database, outages_s):
                    database.fill_log()  # it crashes, and cannot start again
                    for name in ("mover", "notifier"):
                        wait_until(lambda name=name: pipeline.unready(name), 30, f"the {name} to say so")
                    wait_until(lambda: STARTS_IN_VAIN in database.said(), 30, "it to start in vain")
            all_are_filed_and_told_once(pipeline, projector, titles, longest_outage_s=max(outages_s))
        finally:
            projector.kill()


@contextmanager
def no_space(pipeline: Pipeline, database: SmallDatabase, outages_s: list[float]) -> Iterator[None]:
    """On the database's disk; afterwards it goes on, as mails show."""
    began = time.monotonic()
    database.fill()
    yield
    database.free()
    wait_until(lambda: answers(database.url), 60, "PostgreSQL to be back")
    outages_s.append(time.monotonic() - began)
    told = len(pipeline.state()["mails"])
    wait_until(lambda: len(pipeline.state()["mails"]) > told, 60, "another mail")


def all_are_filed_and_told_once(
    pipeline: Pipeline, projector: Projector, titles: list[str], *, longest_outage_s: float = 0.0
) -> None:
    """Only a mail that was sent when the ledger had been away for too long to record it may come again."""
    assert all(worker.running for worker in pipeline.workers.values())
    assert projector.process.poll() is None
    wait_until(lambda: len(pipeline.state()["mails"]) >= len(titles), 120, "a mail for each invoice")
    wait_until(
        lambda: sum(each["state"] == "filed" for each in projector.ask("list", "--limit", "500")) == len(titles),
        60, "the history to know of all",
    )  # fmt: skip
    state = pipeline.state()
    wait_until(lambda: all(worker.ready() for worker in pipeline.workers.values()), 60, "all to be ready")
    mailed = list(map(title_in, state["mails"]))
    told = sorted(mailed if longest_outage_s < COMPLETE_PATIENCE_S else set(mailed))
    assert told == titles
    assert len(state["moves"]) == len(titles)
    assert {file["title"] for file in state["files"] if file["folder_id"] == INCOMING} >= set(titles)
