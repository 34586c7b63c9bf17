"""`intake topology` against a real broker and a real database."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner, Result

from console.__main__ import app
from shared.runtime.settle import DEAD, EXCHANGE
from shared.store.history.store import Store
from shared.store.history.tables import Database
from tests.support.brokers import Broker
from tests.support.proxy import proxy
from tests.support.runtime import event, plain_channel, running_publisher, waiting_in
from tests.support.waiting import wait_until

Run = Callable[..., Result]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture
def run(any_vhost_url: str, database_url: str) -> Run:
    def run(*options: str, url: str = any_vhost_url) -> Result:
        environ = {"AMQP_URL": url, "DATABASE_URL": database_url, "RETRY_DELAYS_S": "1,2"}
        return CliRunner().invoke(app, ["topology", *options], env=environ)

    return run


@contextlib.contextmanager
def history(database_url: str) -> Iterator[Store]:
    with contextlib.closing(Database(database_url, writes=True)) as database:
        yield Store(database)


def test_it_says_what_it_made_and_makes_nothing_twice(any_vhost_url: str, run: Run) -> None:
    first, second = run(), run()
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout.startswith("broker    made exchange docspace, exchange dead, ")
    assert "queue mover" in first.stdout
    assert "ledger made at version" in first.stdout
    assert second.stdout == "broker    all was there\ndatabase  all was there\n"
    with running_publisher(any_vhost_url) as publisher:  # a worker that may declare finds it as it would make it
        publisher.publish(event(1), timeout_s=10)
    for queue in ("classifier", "history"):  # a stream counts a moment later
        wait_until(lambda queue=queue: waiting_in(any_vhost_url, queue) == 1, 10, f"the event in {queue}")


def test_a_program_is_told_the_versions_before_and_after(run: Run) -> None:
    told = json.loads(run("--json").stdout)
    assert {"queue history", "queue reconciler.asked", "queue retry.2s"} <= {*told["broker"]}
    assert {part["part"]: part["before"] for part in told["database"]}.keys() >= {"ledger", "outbox", "history"}
    assert all(part["before"] is None for part in told["database"])
    again = json.loads(run("--json").stdout)
    assert again["broker"] == []
    assert all(part["before"] == part["now"] for part in again["database"])


def test_queues_of_an_earlier_release_are_bound_for_replays(any_vhost_url: str, run: Run) -> None:
    run()
    with plain_channel(any_vhost_url) as channel:
        for queue, key in (("mover", "mover.again"), ("mover.dead", "mover.kept")):
            channel.queue_unbind(queue, DEAD, key)
        run()
        channel.confirm_delivery()
        for key in ("mover.again", "mover.kept"):
            channel.basic_publish(DEAD, key, b"{}", mandatory=True)
    assert [waiting_in(any_vhost_url, queue) for queue in ("mover", "mover.dead")] == [1, 1]


def test_of_a_stream_made_anew_the_history_reads_from_the_beginning(
    any_vhost_url: str, database_url: str, run: Run
) -> None:
    run()
    with history(database_url) as store:
        store.record([], 41)
        run()
        assert store.offset() == 41
        with plain_channel(any_vhost_url) as channel:
            channel.queue_delete("history")
        run()
        assert store.offset() is None


def test_what_is_on_the_broker_otherwise_is_refused_with_its_sentence(any_vhost_url: str, run: Run) -> None:
    with plain_channel(any_vhost_url) as channel:
        channel.exchange_declare(EXCHANGE, "fanout", durable=True)
    done = run("--wait", "60")
    assert done.exit_code == 1
    assert "intake: the broker does not take the topology: PRECONDITION_FAILED" in done.stderr


def test_without_wait_it_says_at_once_who_does_not_answer(run: Run) -> None:
    done = run(url="amqp://127.0.0.1:1/")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("intake: no broker answers at 127.0.0.1:1")


def test_it_waits_for_a_broker_that_is_not_there_yet(
    any_broker: Broker, any_vhost_url: str, run: Run, free_port: Callable[[], int]
) -> None:
    parts, port = urlsplit(any_vhost_url), free_port()
    away = any_vhost_url.replace(f":{parts.port}/", f":{port}/")
    with proxy(port, int(parts.port or 0), up=False) as late:
        threading.Timer(1.5, late.up).start()
        began = time.monotonic()
        done = run("--wait", "60", url=away)
    assert done.exit_code == 0, done.output
    assert "ledger made at version" in done.stdout, "which was there before the broker"
    assert time.monotonic() - began > 1
    assert done.stderr.count("waiting: no broker answers") == 1
