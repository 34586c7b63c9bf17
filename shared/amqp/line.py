"""A line to the broker for a process that seldom publishes: made when there is something for the first time."""

import threading
import time
from collections.abc import Sequence
from functools import partial

from shared.amqp.confirms import PublishError
from shared.amqp.publisher import Publisher
from shared.amqp.topology import Topology
from shared.runtime.metrics import Metrics
from shared.wire.message import Publication

CONFIRM_S = 10.0
"""For all publications of a call together. Less than what is offered to one process alone."""
CONNECT_S = 4.0
LOOK_S = 0.05


class Line:
    """For one thread. `name` is for the broker's management page."""

    def __init__(self, urls: Sequence[str], wanted: Topology, name: str) -> None:
        self._made = partial(Publisher, urls, wanted, name, Metrics())
        self._publisher: Publisher | None = None
        """None until the first publication: one has sockets from the start."""
        self._closed = threading.Event()

    def publish(self, publications: Sequence[Publication]) -> list[PublishError | None]:
        """None for each that the broker confirmed. Repeating is safe: the messages keep their ids."""
        if self._publisher is None:
            self._publisher = self._made()
            self._publisher.start()
        until = time.monotonic() + CONNECT_S
        while self._publisher.check() is not None and time.monotonic() < until:
            self._closed.wait(LOOK_S)
        return self._publisher.publish_all(publications, CONFIRM_S)

    def close(self) -> None:
        self._closed.set()
        if self._publisher is not None:
            self._publisher.close()
