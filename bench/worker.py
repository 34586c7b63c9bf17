"""The worker runtime: messages of 1 kB through one process, against a plain pika consumer doing the same.

The job: decode, decide; one in four is an invoice and publishes the next event, the others publish `event.skipped`.
Everything is persistent, on quorum queues, and confirmed before its message is acknowledged. Ours is the product's
own consumer with its metrics, log lines (to memory) and headers; the peer is a BlockingConnection with a confirm
for each publish and an ack for each message.
"""

import io
import time

import msgspec
import pika

from shared.amqp.consumer import Consumer
from shared.amqp.publisher import Publisher
from shared.amqp.topology import topology
from shared.events import EventSkipped, InvoiceDetected, encode
from shared.handling import outcome_of
from shared.ladder import Ladder
from shared.logs import configure_logs
from shared.message import Message, Publication, derived_id
from shared.metrics import Metrics
from shared.outcome import Forward, Outcome, Skip
from shared.settle import EXCHANGE, Settler

DELAYS_S = (5, 30)
CONCURRENCY = 16
BATCH = 1000


def decide(message: Message) -> Outcome:
    number = msgspec.json.decode(message.body)["number"]
    if number % 4:
        return Skip("not an invoice")
    return Forward(
        InvoiceDetected(file_id=number, title="Invoice", rule="bench", destination=1, recipients=("a@example.com",))
    )


def fill(url: str, count: int) -> None:
    publisher = Publisher([url], topology(DELAYS_S), "bench", Metrics())
    publisher.start()
    try:
        while publisher.check() is not None:
            time.sleep(0.05)
        for start in range(0, count, BATCH):
            events = [_event(number) for number in range(start, min(start + BATCH, count))]
            errors = publisher.publish_all(events, timeout_s=60)
            if any(errors):
                raise RuntimeError(f"the queue could not be filled: {next(filter(None, errors))}")
    finally:
        publisher.close()


def ours(url: str, count: int) -> float:
    """Messages a second."""
    configure_logs("bench", level="info", log_format="json", stream=io.StringIO())
    metrics = Metrics()
    settler = Settler("classifier", Ladder(DELAYS_S, 60), app_id="bench")
    consumer = Consumer(
        urls=[url],
        wanted=topology(DELAYS_S),
        queue="classifier",
        name="bench",
        handle=lambda message: settler.settle(message, outcome_of(decide, message), time.time()),
        wait_longer=settler.wait_longer,
        concurrency=CONCURRENCY,
        prefetch=256,
        metrics=metrics,
    )
    started = time.perf_counter()
    consumer.start()
    try:
        while _settled(metrics) < count:
            time.sleep(0.01)
        return count / (time.perf_counter() - started)
    finally:
        consumer.drain(5)


def blocking(url: str, count: int) -> float:
    """Messages a second."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    channel.confirm_delivery()
    channel.basic_qos(prefetch_count=256)
    started = time.perf_counter()
    for done, (method, props, body) in enumerate(channel.consume("classifier"), start=1):
        number = msgspec.json.decode(body)["number"]
        key = "event.skipped" if number % 4 else "invoice.detected"
        event = (
            EventSkipped(stage="bench", reason="not an invoice", skipped=props.type)
            if number % 4
            else InvoiceDetected(
                file_id=number, title="Invoice", rule="bench", destination=1, recipients=("a@b.example",)
            )
        )
        channel.basic_publish(
            EXCHANGE, key, encode(event), pika.BasicProperties(delivery_mode=2), mandatory=not number % 4
        )
        channel.basic_ack(method.delivery_tag)
        if done == count:
            break
    rate = count / (time.perf_counter() - started)
    connection.close()
    return rate


def _settled(metrics: Metrics) -> float:
    return sum(
        sample.value
        for family in metrics.settled.collect()
        for sample in family.samples
        if sample.name.endswith("_total")
    )


def _event(number: int) -> Publication:
    message = Message(
        body=msgspec.json.encode({"number": number, "filler": "x" * 960}),
        type="webhook.file.uploaded",
        message_id=derived_id("bench", number),
        correlation_id=derived_id("upload", number),
        timestamp=int(time.time()),
    )
    return Publication(exchange=EXCHANGE, routing_key=message.type, message=message, mandatory=True)
