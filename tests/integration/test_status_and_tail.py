"""`intake status` and `intake tail` against a real broker and a real worker's health port."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.__main__ import app
from demo.ports import free_port
from shared.health import HealthServer, Readiness
from shared.metrics import Metrics
from tests.support.runtime import event, running_publisher, waiting_in
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]


def run(*arguments: str, url: str):
    return CliRunner().invoke(app, list(arguments), env={"AMQP_URL": url, "RETRY_DELAYS_S": "1,2"})


@pytest.fixture
def worker():
    """A health port with one thing missing."""
    server = HealthServer("127.0.0.1", 0, Readiness({"broker": lambda: "not connected"}, Metrics()), Metrics())
    server.start()
    return f"http://127.0.0.1:{server.port}"


def test_status_counts_what_waits_and_who_is_ready(any_vhost_url, worker) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    with running_publisher(any_vhost_url) as publisher:
        publisher.publish(event(1), 30)
        publisher.publish(event(2), 30)
        wait_until(lambda: waiting_in(any_vhost_url, "classifier") == 2, 30, "two messages")
        result = run("status", "--json", "--worker", worker, "--worker", nobody, url=any_vhost_url)
        shown = run("status", url=any_vhost_url)
    assert (result.exit_code, shown.exit_code) == (0, 0)
    told = json.loads(result.stdout)
    assert told["stages"] == [
        {"name": "classifier", "waiting": 2, "consumers": 0, "dead": 0},
        {"name": "mover", "waiting": 0, "consumers": 0, "dead": 0},
        {"name": "notifier", "waiting": 0, "consumers": 0, "dead": 0},
    ]
    assert told["delays"] == {"retry.1s": 0, "retry.2s": 0}
    assert told["workers"][0]["faults"] == {"broker": "not connected"}
    assert told["workers"][1]["ready"] is False
    assert "classifier          2          0     0\n" in shown.stdout


def test_status_of_a_new_broker_has_no_numbers(any_vhost_url) -> None:
    result = run("status", url=any_vhost_url)
    assert result.exit_code == 0
    assert "mover               -          -     -\n" in result.stdout


def test_watching_goes_on_until_ctrl_c(any_vhost_url) -> None:
    with _console("status", "--watch", "--every", "0.2", "--json", url=any_vhost_url) as console:
        looks = [json.loads(console.stdout.readline()) for _ in range(3)]
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
            assert console.stderr.readline().startswith("listening")
            for published in (event(1), event(2, "webhook.folder.created"), wanted):
                publisher.publish(published, 30)
            line = json.loads(console.stdout.readline())
            assert console.wait(60) == 0
    assert (line["correlation_id"], line["type"]) == (wanted.message.correlation_id, "webhook.file.uploaded")
    assert line["body"] == {"number": 2}


def test_tail_ends_well_on_ctrl_c(any_vhost_url) -> None:
    with _console("tail", url=any_vhost_url) as console:
        console.stderr.readline()
        console.send_signal(signal.SIGINT)
        assert console.wait(60) == 0


@pytest.mark.parametrize("command", ["status", "tail"])
def test_without_a_broker_it_says_so_with_exit_code_1(command) -> None:
    result = run(command, url=f"amqp://guest:hunter2@127.0.0.1:{free_port()}/")
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
        preexec_fn=_heed_ctrl_c,  # noqa: PLW1509 - no thread runs here
    ) as console:
        try:
            yield console
        finally:
            console.kill()


def _heed_ctrl_c() -> None:
    """What a background job starts ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
