"""Has a message that waits in a delay queue tried now: a copy of it goes to its stage, and the other waits on.

AMQP takes no message out of the middle of a queue. To take all before it and hand them back would count as a
delivery of each, and hold their own waits up meanwhile. Both copies have the message's id, so it is for the ledger
as if the broker had delivered it twice: the second finds that the first is at work, or has done it.
"""

import os
import socket
import time
from collections.abc import Iterable, Iterator, Sequence

import pika
from msgspec.structs import replace
from pika.exceptions import AMQPError, NackError
from pika.exceptions import UnroutableError as ReturnedError

from shared.amqp.client import codec
from shared.amqp.confirms import NackedError, UnknownError, UnroutableError
from shared.amqp.operator.connect import cause, connected
from shared.errors import RUN_TOPOLOGY
from shared.runtime.settle import AGAIN, DEAD, REPLAYED
from shared.store.history.step import Delivery, Outcome, step_of
from shared.wire.message import Publication


def still_waiting(deliveries: Iterable[Delivery], uploads: frozenset[str], now: float) -> list[Delivery]:
    """Of what the stream holds, the last retry of each message of these uploads whose wait has not ended. Pure."""
    last: dict[str, tuple[Delivery, float]] = {}
    for delivery in deliveries:
        message = delivery.message
        if message.correlation_id not in uploads:
            continue
        step = step_of(delivery)
        if step is None:
            continue
        if step.outcome is Outcome.RETRY and step.next_at is not None:
            last[message.message_id] = (delivery, step.next_at)
        elif step.outcome in {Outcome.DEAD, Outcome.REPLAY, Outcome.DISCARD}:
            last.pop(message.message_id, None)  # it is no more in its delay queue, or a person hurried it before
    return [delivery for delivery, next_at in last.values() if next_at > now]


def hurry(urls: Sequence[str], waiting: Iterable[Delivery]) -> Iterator[Delivery]:
    """Each once its copy is confirmed, and the history was told that a person sent it.

    UnavailableError where no broker answers, UnroutableError where no queue of the stage is bound, NackedError or
    UnknownError where the broker takes no more; repeating it is safe.
    """
    with connected(urls, "console retry") as connection:
        try:
            channel = connection.channel()
            channel.confirm_delivery()
            for delivery in waiting:
                stage, props = delivery.routing_key, _properties(delivery)
                _publish(channel, f"{stage}.{AGAIN}", delivery.message.body, props)
                props.headers["by"] = f"console@{socket.gethostname()}:{os.getpid()}"
                props.headers["at_ms"] = int(time.time() * 1000)
                channel.basic_publish(DEAD, f"{stage}.{REPLAYED}", delivery.message.body, props)
                yield delivery
        except AMQPError as error:
            raise UnknownError(f"the broker ended the work midway, nothing is lost: {cause(error)}") from error


def _publish(
    channel: pika.adapters.blocking_connection.BlockingChannel, key: str, body: bytes, props: pika.BasicProperties
) -> None:
    try:
        channel.basic_publish(DEAD, key, body, props, mandatory=True)
    except ReturnedError:
        raise UnroutableError(f"no queue takes {key}: {RUN_TOPOLOGY}") from None
    except NackError:
        raise NackedError(f"the broker refuses {key}") from None


def _properties(delivery: Delivery) -> pika.BasicProperties:
    """As it was published to wait, without a time before which it is not to be handled."""
    message = replace(delivery.message, not_before=None)
    plain = Publication(exchange="", routing_key=delivery.routing_key, message=message, mandatory=True)
    return pika.BasicProperties(
        content_type=message.content_type,
        delivery_mode=codec.PERSISTENT,
        correlation_id=message.correlation_id,
        message_id=message.message_id,
        timestamp=message.timestamp,
        type=message.type,
        app_id=message.app_id,
        headers=codec.headers(plain),
    )
