"""The way into the pipeline for what a command publishes: connected, confirmed, by the exchanges of the workers."""

import time
from collections.abc import Sequence
from typing import Self

from shared.amqp.publisher import Publisher
from shared.amqp.topology import topology
from shared.errors import TransientError
from shared.runtime.metrics import Metrics
from shared.runtime.settle import DEAD, EXCHANGE
from shared.wire.message import Publication
from shared.wire.stages import Stage

CONFIRM_S = 10.0
CONNECT_S = 15.0
WRITES = (EXCHANGE, DEAD)


class Door:
    """Entered, it is connected; TransientError where that takes longer than CONNECT_S."""

    def __init__(
        self, urls: Sequence[str], retry_delays_s: tuple[int, ...], stages: Sequence[Stage], name: str
    ) -> None:
        """`name` is for the broker's management page."""
        self._publisher = Publisher(urls, topology(retry_delays_s, stages), name, Metrics(), writes=WRITES)

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

    def publish(self, publication: Publication) -> None:
        """Raises PublishError; publishing it again is safe, as it has the same id."""
        self._publisher.publish(publication, CONFIRM_S)
