"""Takes every event of its queue, once, for as long as it runs. It may be away for days; the broker keeps them.

AMQP_URL and QUEUE come from the environment; EVENTS, with commas, says what the queue is bound to.
"""

import json
import os
import time
import uuid
from pathlib import Path

import pika

EXCHANGE = "docspace"
QUEUE = os.environ["QUEUE"]
EVENTS = os.environ.get("EVENTS", "invoice.filed").split(",")
DONE = Path("done")
# A quorum queue of RabbitMQ 4 drops what came back 20 times, unless it is told otherwise.
ARGUMENTS = {"x-queue-type": "quorum", "x-delivery-limit": 1_000_000}


def handle(message_id: str, event: dict) -> None:
    """Your part. Here each event becomes a file, complete or not there at all."""
    unfinished = DONE / f"{message_id}.part"
    unfinished.write_text(json.dumps(event))
    unfinished.rename(DONE / f"{message_id}.json")


def consume() -> None:
    with pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"])) as connection:
        channel = connection.channel()
        channel.queue_declare(QUEUE, durable=True, arguments=ARGUMENTS)
        for event in EVENTS:
            channel.queue_bind(QUEUE, EXCHANGE, event)
        channel.basic_qos(prefetch_count=10)
        print(f"listening on {QUEUE}", flush=True)
        for method, properties, body in channel.consume(QUEUE):
            message_id = str(uuid.UUID(properties.message_id))
            if not (DONE / f"{message_id}.json").exists():  # an event may come twice, with the same id
                handle(message_id, json.loads(body))
                print(f"{method.routing_key} {message_id}", flush=True)
            channel.basic_ack(method.delivery_tag)  # only now does the broker forget it


DONE.mkdir(exist_ok=True)
while True:
    try:
        consume()
    except (pika.exceptions.AMQPError, OSError) as error:
        print(f"again in a second: {error!r}", flush=True)
        time.sleep(1)
