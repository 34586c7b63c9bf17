"""A worker whose handler, loop or interpreter stands still for good ends with 1, and says where it stood."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from shared.amqp import progress
from shared.text.codes import Code
from shared.wire.events import InvoiceDetected
from shared.wire.message import Message
from shared.wire.outcome import Forward, Outcome, Skip
from tests.support.pipeline import Worker
from tests.support.runtime import event, running_consumer, running_publisher, take_one, waiting_in
from tests.support.waiting import wait_until

PROGRAM = """
import os, re, sys, threading
from shared import worker
from shared.process.logs import configure_logs
from shared.wire.outcome import Skip
from shared.process.settings import Worker, load
from shared.threads.stop import Stop
from shared.wire.stages import CLASSIFIER
from shared.threads import watchdog
from shared.worker import run_worker

worker.HANDLER_LIMIT_S = float(os.environ["HANDLER_LIMIT_S"])
worker.TURN_S, watchdog.TURN_LIMIT_S = 0.5, 3.0

def decide(message):
    kind = os.environ["KIND"]
    if kind == "hangs":
        threading.Event().wait()
    if kind == "holds the lock":
        re.match(r"(a+)+$", "a" * 60 + "b")
    return Skip("done")

def share_among(count):
    if os.environ["KIND"] == "loop":
        raise RuntimeError("a bug on the loop's thread")

configure_logs(CLASSIFIER.name, level="info", log_format="json")
sys.exit(run_worker(CLASSIFIER, load(Worker, os.environ), decide, Stop(), {}, share_among=share_among))
"""


@pytest.fixture
def worker(any_vhost_url: str, tmp_path: Path) -> Iterator[Worker]:
    environ = {"PATH": os.environ["PATH"], "AMQP_URL": any_vhost_url, "HEALTH_PORT": "0", "HANDLER_LIMIT_S": "600"}
    worker = Worker("classifier", environ, tmp_path / "log", 0, command=(sys.executable, "-c", PROGRAM))
    yield worker
    if worker.running:
        assert worker.process is not None
        worker.process.kill()
        worker.process.wait(10)


def test_a_handler_that_never_ends_is_named_with_its_message_and_all_stacks(
    worker: Worker, any_vhost_url: str
) -> None:
    with running_publisher(any_vhost_url) as publisher:
        publisher.publish(event(1), timeout_s=20)
    worker.start(KIND="hangs", HANDLER_LIMIT_S="1")
    assert worker.wait(40) == 1
    (stuck,) = [line for line in worker.events() if line["event"] == "handler.stuck"]
    assert stuck["message_id"] == event(1).message.message_id
    assert "in decide" in stuck["stack"]
    assert worker.written().count("Thread 0x") >= 3
    wait_until(lambda: waiting_in(any_vhost_url, "classifier") == 1, 20, "the message to be back")


def test_a_handler_that_holds_the_interpreters_lock_ends_the_process_and_shows_where(
    worker: Worker, any_vhost_url: str
) -> None:
    with running_publisher(any_vhost_url) as publisher:
        publisher.publish(event(1), timeout_s=20)
    worker.start(KIND="holds the lock")
    assert worker.wait(40) == 1
    written = worker.written()
    assert "Timeout (0:00:03)!" in written
    assert "in decide" in written


def test_a_failure_on_the_loops_thread_ends_the_process_within_seconds(worker: Worker) -> None:
    worker.start(KIND="loop")
    assert worker.wait(40) == 1
    (failed,) = [line for line in worker.events() if line["event"] == "thread.failed"]
    assert (failed["thread"], failed["level"]) == ("amqp", "critical")
    assert "a bug on the loop's thread" in failed["exception"]


INVOICE = InvoiceDetected(file_id=1, title="Invoice", rule="default", destination=2, recipients=("a@example.com",))


def half_a_character(message: Message) -> Outcome:
    """Of one message comes an event that cannot be written down."""
    return Forward(replace(INVOICE, title=chr(0xD83D) if is_third(message) else "Invoice"))


def is_third(message: Message) -> bool:
    return message.body == b'{"number": 3}'


def test_what_cannot_be_settled_is_a_dead_letter_and_stalls_no_neighbour(any_vhost_url: str) -> None:
    with running_publisher(any_vhost_url) as publisher:
        publisher.publish_all([event(number) for number in range(10)], timeout_s=20)
    with running_consumer(any_vhost_url, "classifier", half_a_character) as consumer:
        wait_until(lambda: waiting_in(any_vhost_url, "classifier.dead") == 1, 30, "the dead letter")
        wait_until(lambda: waiting_in(any_vhost_url, "mover") == 9, 30, "the neighbours")
        assert consumer.check() is None
    found = take_one(any_vhost_url, "classifier.dead")
    assert found is not None
    assert is_third(found[0])


def test_a_stage_whose_handlers_hang_says_that_it_stands_still_until_one_ends(
    any_vhost_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "STANDS_STILL_S", 2.0)
    monkeypatch.setattr("shared.amqp.consumer.TURN_S", 0.5)
    may = threading.Event()

    def hangs(_message: Message) -> Outcome:
        may.wait(60)
        return Skip("done", Code.GONE)

    with (
        running_publisher(any_vhost_url) as publisher,
        running_consumer(any_vhost_url, "classifier", hangs) as consumer,
    ):
        publisher.publish_all([event(number) for number in range(3)], timeout_s=20)
        fault = wait_until(lambda: standing_still(consumer.check()), 30, "the stage to stand still")
        assert "of 3 messages in hand none was settled for" in fault
        may.set()
        wait_until(lambda: consumer.check() is None, 20, "the stage to be ready")


def standing_still(fault: str | None) -> str:
    return fault if fault and "stands still" in fault else ""


def test_history_ends_with_1_and_its_traceback_on_an_error_that_nobody_expects(tmp_path: Path) -> None:
    program = (
        "import console.history.keep as history, runpy, sys\n"
        "history.batches = lambda *_: 1 / 0\n"
        "sys.argv = ['intake', 'history']\n"
        "runpy.run_module('console', run_name='__main__')\n"
    )
    environ = {"PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{tmp_path}/history.db"}
    ended = subprocess.run(
        [sys.executable, "-c", program], env=environ, check=False, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 1
    assert "ZeroDivisionError" in ended.stderr
