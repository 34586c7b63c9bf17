"""FastStream on RabbitMQ: a subscriber that publishes with a confirm (its default) and is acknowledged after it.

Tuned: uvloop; prefetch 64; argument validation and its log line for each message off (`apply_types`, `logger`).
"""

import os

import uvloop
from faststream import FastStream
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue

ONE_IN = int(os.environ.get("BENCH_ONE_IN", "4"))

broker = RabbitBroker(
    os.environ["AMQP_URL"],
    default_channel=Channel(prefetch_count=64, publisher_confirms=True),
    apply_types=False,
    logger=None,
)
app = FastStream(broker, logger=None)


@broker.subscriber(RabbitQueue("jobs", queue_type=QueueType.QUORUM, durable=True))
async def handle(body: dict) -> None:
    number = body["number"]
    if number % ONE_IN == 0:
        event = {"number": number, "title": "Invoice", "destination": 1, "recipients": ["a@example.com"]}
        await broker.publish(event, "next", persist=True)


uvloop.run(app.run())
