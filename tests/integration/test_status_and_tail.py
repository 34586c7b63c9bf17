"""`intake status` and `intake tail` against a real broker and a real worker's health port."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from console.__main__ import app
from console.connect.management import NAMELESS
from demo.ports import free_port
from shared.runtime.health import HealthServer, Readiness
from shared.runtime.metrics import Metrics
from shared.runtime.settle import EXCHANGE
from shared.store.history.step import step_of
from shared.store.history.store import Store
from shared.store.history.tables import Database
from shared.text.codes import Code
from shared.wire.message import Publication
from shared.wire.outcome import Skip
from tests.support.pipes import read_line
from tests.support.runtime import event, running_consumer, running_publisher, waiting_in
from tests.support.waiting import wait_until
from tests.unit.test_history import on_stream

ROOT = Path(__file__).parents[2]
NOWHERE = "sqlite:////dev/null/ledger.db"
"""No database can be opened or made there."""


def run(*arguments: str, url: str, **environ: str):
    settings = {"AMQP_URL": url, "RETRY_DELAYS_S": "1,2", "DATABASE_URL": NOWHERE}
    return CliRunner().invoke(app, list(arguments), env=settings | environ)


@pytest.fixture
def worker():
    """A health port with one thing missing, a spool and an open breaker."""
    metrics = Metrics()
    metrics.watch_spool(lambda: 3, lambda: 75.0, lambda: 2, lambda: True)
    metrics.watch_breaker(lambda: True)
    server = HealthServer("127.0.0.1", 0, Readiness({"broker": lambda: "not connected"}, metrics), metrics)
    server.start()
    return f"http://127.0.0.1:{server.port}", metrics


def test_status_counts_what_waits_and_who_is_ready(any_broker, any_vhost_url, worker) -> None:
    address, _ = worker
    nobody = f"http://127.0.0.1:{free_port()}"
    environ = {"MANAGEMENT_URL": any_broker.management_url, "HEALTH_URLS": f"{address},{nobody}"}
    with running_publisher(any_vhost_url) as publisher:
        publisher.publish(event(1), 30)
        publisher.publish(event(2), 30)
        wait_until(lambda: waiting_in(any_vhost_url, "classifier") == 2, 30, "two messages")
        with running_consumer(any_vhost_url, "mover", lambda _: Skip("none", Code.NO_RULE)):
            told = wait_until(lambda: _with_a_consumer(any_vhost_url, environ), 40, "the consumer in the API")
        shown = run("status", url=any_vhost_url, **environ)
    assert shown.exit_code == 0
    counts = [(stage["name"], stage["waiting"], stage["consumers"], stage["dead"]) for stage in told["stages"]]
    assert counts == [("classifier", 2, 0, 0), ("mover", 0, 1, 0), ("notifier", 0, 0, 0)]
    assert told["stages"][1]["consumer_names"] == ["mover@test consume"]
    assert {told["stages"][0][name] for name in ("in_hand", "out_per_s")} == {0}
    assert told["stages"][0]["oldest_s"] is None
    assert "no history is kept in this database" in told["unknown"]["oldest"]
    assert told["delays"] == {"retry.1s": 0, "retry.2s": 0}
    first, second = told["workers"]
    assert first["faults"] == {"broker": "not connected"}
    assert (first["spool_events"], first["spool_oldest_s"], first["breaker_open"]) == (3, 75.0, True)
    assert (second["ready"], second["spool_events"]) == (False, None)
    assert "spool: 3 events, the oldest 1m 15s old, 2 set aside" in shown.stdout
    assert f"breaker: OPEN at {address}" in shown.stdout


def _with_a_consumer(url: str, environ: dict[str, str]):
    """What status tells, once the management API, some seconds behind, knows consumer and connection."""
    done = run("status", "--json", url=url, **environ)
    assert done.stdout, done.stderr or done.exception
    told = json.loads(done.stdout)
    names = told["stages"][1]["consumer_names"]
    return told if names and NAMELESS not in names else None


def test_what_cannot_be_known_is_unknown_with_its_reason_and_never_0(any_vhost_url) -> None:
    environ = {"MANAGEMENT_URL": f"http://127.0.0.1:{free_port()}"}
    with running_publisher(any_vhost_url) as publisher:
        publisher.publish(event(1), 30)
        wait_until(lambda: waiting_in(any_vhost_url, "classifier") == 1, 30, "a message")
        told = json.loads(run("status", "--json", url=any_vhost_url, **environ).stdout)
        shown = run("status", url=any_vhost_url, **environ).stdout
    figures = ("in_hand", "in_per_s", "out_per_s", "oldest_s", "consumer_names")
    assert [told["stages"][0][name] for name in figures] == [None] * 5
    assert set(told["unknown"]) == {"rates", "oldest", "workers", "history", "ledger"}
    (row,) = [line.split() for line in shown.splitlines() if line.startswith("classifier  ")]
    assert row == ["classifier", "1", "?", "?", "?", "?", "0", "0"]
    assert "spool: ?" in shown
    assert "MANAGEMENT_URL says where it is" in " ".join(shown.split())


def test_without_the_management_api_two_looks_tell_how_fast_a_worker_is(any_vhost_url, worker) -> None:
    address, metrics = worker
    done = threading.Event()

    def settle() -> None:
        while not done.wait(0.05):
            metrics.settled.labels("skip", "no-rule").inc()

    thread = threading.Thread(target=settle)
    thread.start()
    try:
        environ = {"MANAGEMENT_URL": f"http://127.0.0.1:{free_port()}"}
        told = json.loads(run("status", "--json", "--worker", address, url=any_vhost_url, **environ).stdout)
    finally:
        done.set()
        thread.join()
    assert 0 < told["workers"][0]["settled_per_s"] <= 30


def test_the_history_tells_how_long_the_oldest_waits(any_vhost_url, tmp_path) -> None:
    database = f"sqlite:///{tmp_path}/ledger.db"
    opened = Database(database)
    opened.create()
    old = replace(event(1).message, timestamp=int(time.time()) - 600)
    upload = Publication(exchange=EXCHANGE, routing_key=old.type, message=old, mandatory=True)
    step = step_of(on_stream(upload))
    assert step is not None
    Store(opened).record([step], 0)
    with running_publisher(any_vhost_url) as publisher:
        publisher.publish(upload, 30)
        wait_until(lambda: waiting_in(any_vhost_url, "classifier") == 1, 30, "a message")
        result = run("status", "--json", url=any_vhost_url, DATABASE_URL=database)
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert 600 <= told["stages"][0]["oldest_s"] < 900
    assert told["stages"][1]["oldest_s"] is None


def test_status_of_a_new_broker_has_no_numbers(any_vhost_url) -> None:
    result = run("status", url=any_vhost_url)
    assert result.exit_code == 0
    assert ["mover", *["-"] * 7] in [line.split() for line in result.stdout.splitlines()]


def test_watching_goes_on_until_ctrl_c(any_vhost_url) -> None:
    with _console("status", "--watch", "--every", "0.2", "--json", url=any_vhost_url) as console:
        looks = [json.loads(read_line(console.stdout)) for _ in range(3)]
        console.send_signal(signal.SIGINT)
        assert console.wait(60) == 0
    assert [stage["waiting"] for stage in looks[2]["stages"]] == [None, None, None]


def test_tail_tells_what_happens_and_nothing_else(any_vhost_url) -> None:
    with running_publisher(any_vhost_url) as publisher:
        wanted = event(2)
        arguments = ("tail", "--json", "--count", "1", "--type", "webhook.file.*")
        with _console(
            *arguments, "--correlation", wanted.message.correlation_id[:13], url=any_vhost_url
        ) as console:
            assert read_line(console.stderr).startswith("listening")
            for published in (event(1), event(2, "webhook.folder.created"), wanted):
                publisher.publish(published, 30)
            line = json.loads(read_line(console.stdout))
            assert console.wait(60) == 0
    assert (line["correlation_id"], line["type"]) == (wanted.message.correlation_id, "webhook.file.uploaded")
    assert line["body"] == {"number": 2}


def test_tail_ends_well_on_ctrl_c(any_vhost_url) -> None:
    with _console("tail", url=any_vhost_url) as console:
        read_line(console.stderr)
        console.send_signal(signal.SIGINT)
        assert console.wait(60) == 0


def test_tail_without_a_broker_says_so_with_exit_code_1() -> None:
    result = run("tail", url=f"amqp://guest:hunter2@127.0.0.1:{free_port()}/")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "hunter2" not in result.stderr


@contextlib.contextmanager
def _console(*arguments: str, url: str) -> Iterator[subprocess.Popen[str]]:
    environ = {**os.environ, "AMQP_URL": url, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "console", *arguments],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as console:
        try:
            yield console
        finally:
            console.kill()
