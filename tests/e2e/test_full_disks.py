"""Each disk that something is written to is full once, while invoices come: none is lost or doubled."""

import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.brokers import Broker, fresh_vhost
from tests.support.history import Projector
from tests.support.pipeline import INCOMING, WORKERS, Pipeline, limit_files, running_pipeline
from tests.support.waiting import wait_until

FULL_S, BETWEEN_S = 4.0, 2.0
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
            assert all(worker.running for worker in pipeline.workers.values())
            assert projector.process.poll() is None
            wait_until(lambda: len(pipeline.state()["mails"]) >= len(titles), 120, "a mail for each invoice")
            wait_until(
                lambda: sum(each["state"] == "filed" for each in projector.ask("list", "--limit", "500"))
                == len(titles),
                60, "the history to know of all",
            )  # fmt: skip
            state = pipeline.state()
            wait_until(lambda: all(worker.ready() for worker in pipeline.workers.values()), 60, "all to be ready")
        finally:
            projector.kill()
    assert sorted(mail["subject"] for mail in state["mails"]) == [f"Invoice filed: {title}" for title in titles]
    assert len(state["moves"]) == len(titles)
    assert {file["title"] for file in state["files"] if file["folder_id"] == INCOMING} >= set(titles)
