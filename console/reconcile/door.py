"""The way into the pipeline: the exchange that the ingress publishes to."""

import time
from collections.abc import Sequence
from typing import Self

from console.reconcile import event
from console.reconcile.confirm import Confirmed
from shared.amqp.publisher import Publisher
from shared.amqp.topology import topology
from shared.errors import TransientError
from shared.runtime.metrics import Metrics
from shared.wire.events import DEFAULT_PORTAL

CONFIRM_S = 10.0
CONNECT_S = 15.0


class Door:
    """Entered, it is connected; TransientError where that takes longer than CONNECT_S."""

    def __init__(self, urls: Sequence[str], retry_delays_s: tuple[int, ...]) -> None:
        self._publisher = Publisher(urls, topology(retry_delays_s), "console reconcile", Metrics())

    def __enter__(self) -> Self:
        self._publisher.start()
        deadline = time.monotonic() + CONNECT_S
        while (fault := self._publisher.check()) is not None:
            if time.monotonic() > deadline:
                self._publisher.close()
                raise TransientError(fault)
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self._publisher.close()

    def send(self, missed: Confirmed) -> None:
        """Raises PublishError; sending it again is safe."""
        found = missed.finding
        body = event.body(found.file, found.trigger, missed.uploader)
        publication = event.publication(found.file, body, found.trigger, DEFAULT_PORTAL, int(time.time()))
        self._publisher.publish(publication, CONFIRM_S)
