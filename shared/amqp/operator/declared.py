"""Makes what a blocking connection needs, or looks whether it is there where the broker's user may not make it."""

from collections.abc import Iterator

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from shared.amqp.declaration import ACCESS_REFUSED, NOT_FOUND
from shared.amqp.topology import Needed, Step, Topology, declaring, looking
from shared.errors import RUN_TOPOLOGY, TransientError


class TopologyError(TransientError):
    """Something is missing that this user may not make."""


def declared(connection: pika.BlockingConnection, wanted: Topology, needed: Needed) -> BlockingChannel:
    """An open channel, once all of `wanted` is made, or where that is refused, all of `needed` was seen.

    Repeating is safe. TopologyError says what to do; AMQPError if something differs on the broker.
    """
    try:
        return declare(connection, wanted)
    except ChannelClosedByBroker as error:
        if error.reply_code != ACCESS_REFUSED:
            raise
    if missing := list(missing_of(connection, needed)):
        raise TopologyError(f"{RUN_TOPOLOGY} (there is no {', no '.join(missing)})")
    return connection.channel()


def declare(connection: pika.BlockingConnection, wanted: Topology) -> BlockingChannel:
    """An open channel, once all of it is made. AMQPError if something differs, or the user may not make it."""
    channel = connection.channel()
    for step in declaring(wanted):
        _take(channel, step)
    return channel


def missing_of(connection: pika.BlockingConnection, needed: Needed) -> Iterator[str]:
    """Each exchange and queue that is not there: `exchange docspace`, `queue mover`."""
    channel = connection.channel()
    for step in looking(needed):
        try:
            _take(channel, step)
        except ChannelClosedByBroker as error:
            if error.reply_code != NOT_FOUND:
                raise
            (kind, name), channel = next(iter(step[1].items())), connection.channel()
            yield f"{kind} {name}"
    channel.close()


def _take(channel: BlockingChannel, step: Step) -> None:
    method, arguments = step
    getattr(channel, method)(**arguments)
