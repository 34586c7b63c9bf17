"""The queues of a run as the broker shows them: emptied before it, counted during it, read out after it."""

import itertools
import time
from collections.abc import Iterable

import pika

from shared.amqp.publisher import Publisher
from shared.amqp.topology import Queue, Topology, topology
from shared.runtime.metrics import Metrics
from shared.wire.message import Publication

JOBS = "jobs"
NEXT = "next"
SKIPPED = "bench.skipped"
QUORUM = {"x-queue-type": "quorum"}
PLAIN = Topology(exchanges=(), queues=(Queue(JOBS, QUORUM), Queue(NEXT, QUORUM)))
"""What the peers need; ours declares the product's own."""
OURS = topology((5, 30, 120, 600, 3600))
BATCH = 1000

_OF_CELERY = [f"celery_delayed_{level}" for level in range(28)]
_OF_DRAMATIQ = [f"{name}.{suffix}" for name in (JOBS, NEXT) for suffix in ("DQ", "XQ")]
_ALL = [JOBS, NEXT, SKIPPED, *(queue.name for queue in OURS.queues), *_OF_CELERY, *_OF_DRAMATIQ]


class Queues:
    """Not for use from several threads."""

    def __init__(self, url: str) -> None:
        parameters = pika.URLParameters(url)
        parameters.heartbeat = 0  # nobody serves this connection while a contender is awaited
        self._connection = pika.BlockingConnection(parameters)
        self._channel = self._connection.channel()

    def close(self) -> None:
        self._connection.close()

    @property
    def broker(self) -> str:
        properties = self._connection._impl.server_properties  # noqa: SLF001 - pika shows it nowhere else
        return f"{properties['product']} {properties['version']}"

    def reset(self) -> None:
        """No queue of an earlier run is left: an idle one costs the broker too."""
        for name in _ALL:
            self._channel.queue_delete(name)

    def declare(self, name: str) -> None:
        self._channel.queue_declare(name, durable=True, arguments=QUORUM)

    def bind(self, name: str, exchange: str, key: str) -> None:
        self.declare(name)
        self._channel.queue_bind(name, exchange, key)

    def ready(self, name: str) -> int:
        """Messages that wait; those in a consumer's hand are not among them."""
        return int(self._channel.queue_declare(name, passive=True).method.message_count)

    def consumers(self, name: str) -> int:
        return int(self._channel.queue_declare(name, passive=True).method.consumer_count)

    def purge(self, name: str) -> None:
        self._channel.queue_purge(name)

    def take_all(self, name: str) -> list[tuple[str | None, bytes]]:
        """(message id, body) of everything that waits."""
        taken = []
        if count := self.ready(name):
            for _, props, body in self._channel.consume(name, auto_ack=True):
                taken.append((props.message_id, body))
                if len(taken) == count:
                    break
            self._channel.cancel()
        return taken


def fill(url: str, wanted: Topology, publications: Iterable[Publication]) -> float:
    """All are confirmed when it returns. The moment before the first left, in seconds since the epoch."""
    publisher = Publisher([url], wanted, "bench", Metrics())
    publisher.start()
    try:
        while publisher.check() is not None:
            time.sleep(0.05)
        left = iter(publications)
        began = time.time()
        while batch := list(itertools.islice(left, BATCH)):
            errors = publisher.publish_all(batch, timeout_s=60)
            if any(errors):
                raise RuntimeError(f"the queue could not be filled: {next(filter(None, errors))}")
        return began
    finally:
        publisher.close()
