"""More processes than a portal with the cloud's limits takes calls of: they share it, and it refuses no call."""

import contextlib
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.ports import free_ports
from ingress.webhook import received
from shared.docspace.limits import CLASSIFIERS_READ, MOVERS_READ, MOVERS_WRITE
from shared.runtime.settle import EXCHANGE
from shared.wire.events import EntryId, InvoiceDetected, encode
from shared.wire.message import Message, Publication, derived_id
from simulator.gate.limits import READS_AT_ONCE
from simulator.portal import seed, uploads
from simulator.server import Simulator
from simulator.settings import Settings
from tests.support.pipeline import INCOMING, MANAGER, ROOM, Worker, mover_environ
from tests.support.runtime import running_publisher
from tests.support.waiting import wait_until

LATENCY_MS = 400
IN_HAND = 25
"""Of each mover, so that each has its part of the burst."""
BURST = 150
"""For each stage."""
CAME_BACK = 3
"""An attempt at which each file is moved by a call of its own."""


@pytest.fixture
def portal() -> Iterator[Simulator]:
    settings = Settings(
        port=0, smtp_port=0, webhook_url="", operation_ms=20, latency_ms=LATENCY_MS, limits=1
    )  # fmt: skip
    simulator = Simulator(settings)
    simulator.start()
    yield simulator
    simulator.stop()


@contextlib.contextmanager
def running(amqp_url: str, folder: Path, portal: Simulator, **counts: int) -> Iterator[list[Worker]]:
    environ = mover_environ(amqp_url, folder, portal.url) | {"WORKER_CONCURRENCY": str(IN_HAND)}
    names = [name for name, count in counts.items() for _ in range(count)]
    workers = [
        Worker(name, environ | {"HEALTH_PORT": str(port)}, folder / f"{name}-{port}.log", port)
        for name, port in zip(names, free_ports(len(names)), strict=True)
    ]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.wait_ready()
        yield workers
    finally:
        for worker in workers:
            if worker.running:
                worker.stop()


def share_of(worker: Worker) -> tuple[int, int, int]:
    """Of how many processes it believes to be one, and how many reads and writes it takes at once."""
    told = [event for event in worker.events() if event["event"] == "portal.share"]
    return (told[-1]["processes"], told[-1]["reads"], told[-1]["writes"]) if told else (0, 0, 0)


def detected(file_id: EntryId) -> Publication:
    event = InvoiceDetected(
        file_id=file_id, title="Invoice", rule="default", destination=INCOMING, recipients=(MANAGER,), version=1,
        room_id=ROOM, folder_id=ROOM,
    )  # fmt: skip
    message = Message(
        body=encode(event),
        type="invoice.detected",
        message_id=derived_id("detected", file_id),
        correlation_id=derived_id("upload", file_id),
        timestamp=int(time.time()),
        attempt=CAME_BACK,
    )
    return Publication(exchange=EXCHANGE, routing_key="invoice.detected", message=message, mandatory=True)


def uploaded_webhook(portal: Simulator, number: int) -> Publication:
    """Of a file whose title the classifier asks the portal for."""
    file = uploads.simple(portal.portal, seed.CLIENT, ROOM, f"Invoice by webhook {number}.pdf", b"pdf")
    payload = {"id": file.id, "parentId": ROOM, "rootId": 52817, "title": file.title, "fileEntryType": 2}
    event = {"id": number, "trigger": "file.uploaded", "triggerId": 256, "createBy": seed.CLIENT.id}
    message = received(
        json.dumps({"event": event, "payload": payload, "webhook": {"id": 7}}).encode(), int(time.time())
    )
    return Publication(exchange=EXCHANGE, routing_key=message.type, message=message, mandatory=True)


def test_six_movers_and_two_classifiers_share_the_portal_without_a_refusal(
    any_vhost_url: str, tmp_path: Path, portal: Simulator
) -> None:
    ids = [uploads.simple(portal.portal, seed.CLIENT, ROOM, f"Invoice {n}.pdf", b"pdf").id for n in range(BURST)]
    webhooks = [uploaded_webhook(portal, number) for number in range(BURST)]
    with running(any_vhost_url, tmp_path, portal, mover=6, classifier=2) as workers:
        movers, classifiers = workers[:6], workers[6:]
        share = (6, MOVERS_READ.share(6), MOVERS_WRITE.share(6))
        wait_until(lambda: all(share_of(mover) == share for mover in movers), 30, "the movers to know their share")
        for classifier in classifiers:
            wait_until(lambda: share_of(classifier)[:2] == (2, CLASSIFIERS_READ.share(2)), 30, "its share")  # noqa: B023
        portal.calls.reset()
        with running_publisher(any_vhost_url) as publisher:
            assert not any(publisher.publish_all([detected(file_id) for file_id in ids] + webhooks, timeout_s=20))
        wait_until(lambda: len(portal.portal.moves) >= 2 * BURST, 120, "all to be moved")
        calls = portal.calls.as_json()
        movers[0].stop()
        share = (5, MOVERS_READ.share(5), MOVERS_WRITE.share(5))
        wait_until(
            lambda: all(share_of(mover) == share for mover in movers[1:]), 30, "the others to share what it had"
        )
    moves = Counter(move.file_id for move in portal.portal.moves)
    assert set(ids) < set(moves)
    assert set(moves.values()) == {1}
    assert calls["reads"]["refused"] == calls["writes"]["refused"] == 0
    assert 1 < calls["writes"]["most_at_once"] <= len(movers)  # each has one operation on record at a time
    assert CLASSIFIERS_READ.together < calls["reads"]["most_at_once"] <= READS_AT_ONCE
