"""dramatiq with `confirm_delivery`, on quorum queues (its queue arguments are the one thing that is overridden).

Tuned: 8 threads, prefetch 64 instead of 16, warnings only in the log. `fill COUNT` puts the messages on the queue.
"""

import logging
import os
import sys
from typing import Any

os.environ["dramatiq_queue_prefetch"] = "64"  # noqa: SIM112 - its own spelling; read at import

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker

FILL = sys.argv[1:2] == ["fill"]
ONE_IN = int(os.environ.get("BENCH_ONE_IN", "4"))
logging.getLogger("dramatiq").setLevel(logging.WARNING)


class QuorumBroker(RabbitmqBroker):
    def _build_queue_arguments(self, queue_name: str) -> dict[str, Any]:
        return {**super()._build_queue_arguments(queue_name), "x-queue-type": "quorum"}


# the fill alone goes without confirms, which would take minutes; the number that waits is checked afterwards
broker = QuorumBroker(url=os.environ["AMQP_URL"], confirm_delivery=not FILL)
dramatiq.set_broker(broker)


@dramatiq.actor(actor_name="next", queue_name="next")
def next_step(**_event: object) -> None:
    """Handled by nobody here."""


@dramatiq.actor(queue_name="jobs")
def job(number: int, filler: str) -> None:  # noqa: ARG001 - part of the message
    if number % ONE_IN == 0:
        next_step.send(number=number, title="Invoice", destination=1, recipients=["a@example.com"])


if FILL:
    broker.declare_queue("next", ensure=True)
    for each in range(1, int(sys.argv[2]) + 1):
        job.send(number=each, filler="x" * 960)
    broker.close()
