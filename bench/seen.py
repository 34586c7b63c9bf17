"""Notes when the broker delivers each message of one kind, by the clock that the simulated portal uses too.

So neither the worker that publishes nor the portal that it asks tells the time between the two.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import pika

from shared.runtime.settle import EXCHANGE

READY_S = 30.0
TURN_S = 0.1


@dataclass(frozen=True, slots=True)
class Delivery:
    at: float
    """Seconds since the epoch."""
    body: bytes


class Seen:
    """A context manager with a thread and a queue of its own, which ends with it. The exchange must be there."""

    def __init__(self, url: str, routing_key: str) -> None:
        self._url = url
        self._routing_key = routing_key
        self._ready = threading.Event()
        self._over = threading.Event()
        self._found: list[Delivery] = []
        self._thread = threading.Thread(target=self._run, name="seen", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(READY_S):
            raise RuntimeError(f"no queue for {self._routing_key} in {READY_S:.0f} s")
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def __len__(self) -> int:
        return len(self._found)

    def all(self) -> Sequence[Delivery]:
        """So far, in their order."""
        return tuple(self._found)

    def _run(self) -> None:
        connection = pika.BlockingConnection(pika.URLParameters(self._url))
        channel = connection.channel()
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, EXCHANGE, self._routing_key)
        channel.basic_consume(queue, self._note, auto_ack=True)
        self._ready.set()
        while not self._over.is_set():
            connection.process_data_events(time_limit=TURN_S)
        connection.close()

    def _note(self, _channel: Any, _method: Any, _properties: Any, body: bytes) -> None:
        self._found.append(Delivery(time.time(), body))
