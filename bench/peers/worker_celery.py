"""Celery with the durability that its documentation offers: quorum queue, `acks_late`, publisher confirms.

Tuned: prefetch multiplier 64, as the documentation advises for many short tasks; results, gossip, mingle, heartbeat
and events off; warnings only in the log. `fill COUNT` puts the tasks on the queue, before any measurement.
"""

import os
import sys

from celery import Celery
from kombu import Exchange, Queue

FILL = sys.argv[1:2] == ["fill"]
ONE_IN = int(os.environ.get("BENCH_ONE_IN", "4"))
QUORUM = {"x-queue-type": "quorum"}

app = Celery("bench", broker=os.environ["AMQP_URL"])
app.conf.update(
    # the fill alone goes without confirms, which would take minutes; the number that waits is checked afterwards
    broker_transport_options={"confirm_publish": not FILL},
    task_queues=[
        Queue(name, Exchange("bench", type="topic"), routing_key=name, queue_arguments=QUORUM)
        for name in ("jobs", "next")
    ],
    task_default_exchange_type="topic",
    task_default_queue="jobs",
    task_default_queue_type="quorum",
    task_acks_late=True,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    worker_prefetch_multiplier=64,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
)


@app.task(name="job")
def job(number: int, filler: str) -> None:  # noqa: ARG001 - part of the message
    if number % ONE_IN == 0:
        event = {"number": number, "title": "Invoice", "destination": 1, "recipients": ["a@example.com"]}
        app.send_task("next", kwargs=event, queue="next")


if FILL:
    with app.producer_pool.acquire() as producer:
        producer.maybe_declare(app.amqp.queues["next"])
        for each in range(1, int(sys.argv[2]) + 1):
            job.apply_async(
                kwargs={"number": each, "filler": "x" * 960},
                queue="jobs",
                producer=producer,
                argsrepr="",
                kwargsrepr="",
            )
