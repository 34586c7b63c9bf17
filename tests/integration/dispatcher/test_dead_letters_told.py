"""A real history tells each dead letter as `invoice.dead`, and an endpoint that asks for these gets it once."""

import signal
import sqlite3
import sys
from contextlib import closing

import pytest
from pika.exceptions import ChannelClosedByBroker

from shared.amqp.operator.stream import QUEUE
from shared.runtime.crash_points import CrashPoint
from shared.runtime.ladder import Ladder
from shared.runtime.settle import Settler
from shared.text.codes import Code
from shared.wire.events import InvoiceDetected, encode
from shared.wire.message import Message, Publication
from shared.wire.outcome import Dead
from tests.integration.dispatcher.desk import Desk
from tests.support.crashing import last_words
from tests.support.pipeline import Worker
from tests.support.receiver import Receiver
from tests.support.runtime import crash_until_buried, messages_in, plain_channel
from tests.support.waiting import wait_until

DETECTED = InvoiceDetected(
    file_id=7, title="Invoice.pdf", rule="acme", destination=2, recipients=("a@b.example",), room_id=9
)


def history(desk: Desk, *launcher: str) -> Worker:
    command = Worker("console", desk.environ, desk.folder / "history.log", 0)
    command.command = (sys.executable, "-m", *launcher, "console", "history")
    command.start()
    return command


def has_stream(url: str) -> bool:
    try:
        with plain_channel(url) as channel:
            channel.queue_declare(QUEUE, passive=True)
    except ChannelClosedByBroker:
        return False
    return True


def detected(message_id: str) -> Message:
    return Message(
        body=encode(DETECTED),
        type="invoice.detected",
        message_id=message_id,
        correlation_id="c-1",
        timestamp=1_790_000_000,
    )


@pytest.fixture
def told(desk: Desk, receiver: Receiver, any_vhost_url: str):
    desk.start(desk.table("erp", receiver, ("invoice.dead",)))
    keeper = history(desk)
    wait_until(lambda: has_stream(any_vhost_url), 30, "the history's stream", every_s=0.3)
    yield keeper
    keeper.stop(timeout_s=60)


def test_a_dead_letter_of_a_worker_is_told_once_though_the_history_reads_it_twice(
    desk: Desk, receiver: Receiver, told: Worker
) -> None:
    bury(desk, "m-1")
    wait_until(lambda: receiver.requests, 30, "the webhook")
    event = receiver.requests[0].event
    assert event["type"] == "invoice.dead"
    assert event["data"] == {
        "stage": "mover",
        "reason": "no right",
        "code": "no-right",
        "dead": "invoice.detected",
        "file_id": 7,
        "title": "Invoice.pdf",
        "rule": "acme",
        "room_id": 9,
        "correlation_id": "c-1",
    }
    told.stop(timeout_s=60)
    forget_where_it_was(desk)
    told.start()
    wait_until(lambda: desk.settled() == 2 * [("forward", None)], 30, "it to be told again")
    assert len(receiver.requests) == 1


def bury(desk: Desk, message_id: str) -> None:
    """As the mover does with what it may not move."""
    settler = Settler("mover", Ladder((1, 2), 60), app_id="mover")
    settlement = settler.settle(detected(message_id), Dead("no right", Code.NO_RIGHT), 1_790_000_005.0)
    desk.publisher.publish(settlement.publication, 10)


def forget_where_it_was(desk: Desk) -> None:
    """As if the history had died before it recorded what it had told."""
    with sqlite3.connect(desk.folder / "ledger.db", timeout=10) as database:
        database.execute("DELETE FROM history_position")


@pytest.mark.parametrize("point", [CrashPoint.DEATHS_READ, CrashPoint.DEATHS_TOLD])
def test_a_killed_history_tells_each_dead_letter_and_the_endpoint_gets_it_once(
    desk: Desk, receiver: Receiver, any_vhost_url: str, point: CrashPoint
) -> None:
    desk.start(desk.table("erp", receiver, ("invoice.dead",)))
    killed = history(desk, "tests.support.crashing", point, "1")
    wait_until(lambda: has_stream(any_vhost_url), 30, "the history's stream", every_s=0.3)
    buried = [f"m-{number}" for number in range(3)]
    for message_id in buried:
        bury(desk, message_id)
    assert killed.wait(30) == -signal.SIGKILL
    assert last_words(point) in killed.log.read_text().splitlines()
    told_before = len(desk.settled())
    again = history(desk)
    try:
        wait_until(lambda: recorded(desk) == len(buried), 30, "the history to keep all")
        wait_until(lambda: not messages_in(any_vhost_url, ["dispatcher.erp"]), 30, "all to be handed on")
        wait_until(lambda: len(desk.settled()) >= told_before + len(buried), 30, "all to be settled")
    finally:
        again.stop(timeout_s=60)
    assert len(receiver.ids) == len(set(receiver.ids)) == len(buried), receiver.ids


def recorded(desk: Desk) -> int:
    """Dead letters that the history keeps."""
    with closing(sqlite3.connect(desk.folder / "ledger.db", timeout=10)) as database:
        (count,) = database.execute("SELECT count(*) FROM history_steps WHERE outcome = 'dead'").fetchone()
        return int(count)


def test_what_the_broker_buried_is_told_too(
    desk: Desk, receiver: Receiver, told: Worker, any_vhost_url: str
) -> None:
    desk.publisher.publish(
        Publication(exchange="", routing_key="mover", message=detected("m-2"), mandatory=True), 10
    )
    crash_until_buried(any_vhost_url, "mover")
    wait_until(lambda: receiver.requests, 30, "the webhook")
    data = receiver.requests[0].event["data"]
    assert (data["code"], data["stage"], data["title"]) == ("delivery-limit", "mover", "Invoice.pdf")
