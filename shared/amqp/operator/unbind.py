"""Takes a queue's bindings away. What it holds stays, and what still waits to come back to it does too."""

from collections.abc import Sequence

from pika.exceptions import AMQPError, ChannelClosedByBroker

from shared.amqp.confirms import UnavailableError
from shared.amqp.operator.connect import cause, connected
from shared.runtime.settle import EXCHANGE

_NOT_FOUND = 404


def unbind(urls: Sequence[str], queue: str, keys: Sequence[str]) -> None:
    """From the exchange of events. Repeating is safe, also where there is no such queue. UnavailableError.

    A queue that goes while messages wait in a delay queue to return to it would hold up that queue for all others,
    as the broker keeps what it cannot route. So this deletes none.
    """
    with connected(urls, "unbind") as connection:
        channel = connection.channel()
        try:
            for key in keys:
                channel.queue_unbind(queue, EXCHANGE, key)
        except ChannelClosedByBroker as error:
            if error.reply_code != _NOT_FOUND:
                raise UnavailableError(f"the broker does not let us unbind: {error.reply_text}") from error
        except AMQPError as error:
            raise UnavailableError(f"the broker went away: {cause(error)}") from error
