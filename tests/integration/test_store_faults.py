"""The stores beside the broker: each ingress's own spool, and the ledger's database when it goes away."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pika
import pytest
import requests

from demo.ports import free_port as find_free_port
from tests.support.pipeline import INCOMING, Pipeline, Worker, running_pipeline
from tests.support.proxy import proxy
from tests.support.runtime import plain_channel, running_publisher
from tests.support.waiting import wait_until
from tests.support.webhooks import EXAMPLE, SECRET, signed_headers


@contextmanager
def running_ingress(amqp_url: str, port: int, spool: Path, log: Path) -> Iterator[Worker]:
    environ = {
        "PATH": os.environ["PATH"],
        "AMQP_URL": amqp_url,
        "DOCSPACE_WEBHOOK_SECRET": SECRET,
        "INGRESS_PORT": str(find_free_port()),
        "HEALTH_PORT": str(port),
        "SPOOL_PATH": str(spool),
        "LOG_FORMAT": "json",
        "RETRY_DELAYS_S": "1,2",
    }
    worker = Worker("ingress", environ, log, port)
    worker.start()
    try:
        worker.wait_ready(30)
        yield worker
    finally:
        worker.stop()


def post(worker: Worker, number: int) -> int:
    body = EXAMPLE.replace("18231", str(number)).encode()
    return requests.post(worker.webhook_url, data=body, headers=signed_headers(body), timeout=10).status_code


def spooled(worker: Worker) -> int:
    lines = worker.get("/metrics").text.splitlines()
    return next(int(float(line.split()[1])) for line in lines if line.startswith("intake_spool_events "))


def ids_in(url: str, queue: str) -> list[str]:
    with plain_channel(url) as channel:
        ids: list[str] = []
        while True:
            method, props, _ = channel.basic_get(queue)
            if method is None:
                return ids
            ids.append(str(props.message_id))


def test_two_ingresses_spool_and_drain_each_their_own_events_once(
    any_vhost_url: str, free_port: Callable[[], int], tmp_path: Path
) -> None:
    with running_publisher(any_vhost_url):
        pass  # declares the topology
    parameters = pika.URLParameters(any_vhost_url)
    with proxy(free_port(), parameters.port, up=False) as network, ExitStack() as running:
        url = f"amqp://guest:guest@127.0.0.1:{network.port}/{parameters.virtual_host}"
        first, second = (
            running.enter_context(
                running_ingress(url, free_port(), tmp_path / f"spool-{n}.db", tmp_path / f"ingress-{n}.log")
            )
            for n in (1, 2)
        )
        assert [post((first, second)[number % 2], number) for number in range(100, 140)] == [200] * 40
        assert (spooled(first), spooled(second)) == (20, 20)
        network.up()
        for worker in (first, second):
            wait_until(lambda w=worker: spooled(w) == 0, timeout_s=30, what="the spool to be empty")
    ids = ids_in(any_vhost_url, "classifier")
    assert len(ids) == len(set(ids)) == 40


def ledger_fault(worker: Worker) -> str:
    answer = worker.get("/readyz").json()
    return str(answer.get("faults", {}).get("ledger", ""))


def retried(pipeline: Pipeline, worker: str, because: str = "the ledger cannot be reached") -> bool:
    return any(because in e["reason"] for e in pipeline.settled(worker) if e["outcome"] == "retry")


@pytest.mark.timeout(240)
def test_a_ledger_that_is_down_delays_moves_and_mails_and_assumes_nothing(
    any_vhost_url: str, postgres_url: str, free_port: Callable[[], int], tmp_path: Path
) -> None:
    address = urlsplit(postgres_url)
    with proxy(free_port(), address.port or 5432) as network:
        password = "postgres" if address.password is None else address.password
        through = urlunsplit(address._replace(netloc=f"postgres:{password}@127.0.0.1:{network.port}"))
        with running_pipeline(any_vhost_url, tmp_path, through) as pipeline:
            pipeline.wait_ready()
            pipeline.upload("Invoice 0.pdf")
            wait_until(lambda: pipeline.mails_about("Invoice 0.pdf"), timeout_s=30, what="the first mail")

            network.down()  # before anything is filed
            for worker in ("mover", "notifier"):
                wait_until(
                    lambda w=worker: ledger_fault(pipeline.workers[w]), timeout_s=30, what="readiness to say so"
                )
            files = [pipeline.upload(f"Invoice {n}.pdf") for n in (1, 2, 3)]
            wait_until(lambda: retried(pipeline, "mover"), timeout_s=30, what="the mover's retry")
            assert len(pipeline.state()["moves"]) == 1
            network.up()
            wait_until(lambda: len(pipeline.state()["moves"]) == 4, timeout_s=60, what="the moves")
            wait_until(lambda: len(pipeline.state()["mails"]) == 4, timeout_s=60, what="the mails")

            pipeline.faults({"smtp_down": True})  # so that one is filed and not announced when the ledger goes
            files.append(pipeline.upload("Invoice 4.pdf"))
            wait_until(
                lambda: retried(pipeline, "notifier", "mail"), timeout_s=30, what="a retry for the mail server"
            )
            network.down()
            pipeline.faults(None)
            wait_until(lambda: retried(pipeline, "notifier"), timeout_s=30, what="the notifier's retry")
            assert not pipeline.mails_about("Invoice 4.pdf")
            network.up()
            wait_until(lambda: pipeline.mails_about("Invoice 4.pdf"), timeout_s=60, what="its mail")

            network.cut()  # as a database that is frozen: what is asked is not answered, and not refused
            for worker in ("mover", "notifier"):
                asked = pipeline.workers[worker]
                assert all(ledger_fault(asked) for _ in range(4))  # each is answered, and in time
                assert asked.get("/healthz").status_code == 200
            files.append(pipeline.upload("Invoice 5.pdf"))
            time.sleep(1)  # for the mover to ask the ledger, in vain
            assert not pipeline.moves_of(files[-1])
            network.heal()
            network.down()
            network.up()
            wait_until(lambda: pipeline.mails_about("Invoice 5.pdf"), timeout_s=60, what="its mail")

            pipeline.wait_ready()
            where = {file["id"]: file["folder_id"] for file in pipeline.state()["files"]}
            for number, file_id in enumerate(files, start=1):
                assert where[file_id] == INCOMING
                assert len(pipeline.moves_of(file_id)) == 1
                assert len(pipeline.mails_about(f"Invoice {number}.pdf")) == 1
