"""A real mover alone with a simulated portal, and what it has to do."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from demo.ports import free_port
from shared.runtime.settle import EXCHANGE
from shared.wire.events import InvoiceDetected, encode
from shared.wire.message import Message, Publication, derived_id
from simulator.server import Simulator
from simulator.settings import Settings
from tests.support.pipeline import INCOMING, MANAGER, ROOM, Worker, mover_environ
from tests.support.runtime import running_publisher

IN_HAND = 8


@contextlib.contextmanager
def running_mover(url: str, folder: Path, **settings: str) -> Iterator[tuple[Simulator, Worker]]:
    """A simulated portal, and a mover not yet started that takes few at once: what is in hand is finished."""
    simulator = Simulator(Settings(port=0, smtp_port=0, webhook_url="", operation_ms=20))
    simulator.start()
    port = free_port()
    environ = mover_environ(url, folder, simulator.url) | {"HEALTH_PORT": str(port)} | settings
    environ["WORKER_CONCURRENCY"] = str(IN_HAND)
    worker = Worker("mover", environ, folder / "mover.log", port)
    try:
        yield simulator, worker
    finally:
        if worker.process is not None and worker.process.poll() is None:
            worker.process.kill()
            worker.process.wait(10)
        simulator.stop()


def set_faults(simulator: Simulator, **faults: object) -> None:
    requests.put(f"{simulator.url}/simulator/faults", json=faults, timeout=5).raise_for_status()


def queue_uploads(simulator: Simulator, url: str, count: int) -> set[int]:
    """Upload so many invoices, and tell the mover of them as the classifier does."""
    ids = set()
    with running_publisher(url) as publisher:
        for number in range(count):
            title = f"Invoice {number}.pdf"
            query = {"folder": str(ROOM), "name": title}
            reply = requests.post(f"{simulator.url}/simulator/upload", params=query, data=b"pdf", timeout=10)
            file_id = reply.json()["id"]
            ids.add(file_id)
            detected = InvoiceDetected(
                file_id=file_id, title=title, rule="default", destination=INCOMING, recipients=(MANAGER,), version=1
            )
            message = Message(
                body=encode(detected),
                type="invoice.detected",
                message_id=derived_id("detected", file_id),
                correlation_id=derived_id("upload", file_id),
                timestamp=int(time.time()),
            )
            publisher.publish(
                Publication(exchange=EXCHANGE, routing_key="invoice.detected", message=message, mandatory=True),
                timeout_s=10,
            )
    return ids


def logged(worker: Worker, name: str) -> list[dict[str, Any]]:
    return [entry for entry in worker.events() if entry["event"] == name]


def filed(simulator: Simulator) -> list[int]:
    state = requests.get(f"{simulator.url}/simulator/state", timeout=10).json()
    return [move["file_id"] for move in state["moves"]]
