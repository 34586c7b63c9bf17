"""Makes all that the product needs on the broker: the workers' queues, the reconciler's, and the history's."""

from collections.abc import Callable, Sequence

from pika.exceptions import AMQPError, ChannelClosedByBroker

from shared.amqp.confirms import UnavailableError
from shared.amqp.operator import stream
from shared.amqp.operator.connect import cause, connected
from shared.amqp.operator.declared import declare, missing_of
from shared.amqp.operator.requests import ASKED
from shared.amqp.topology import Needed, Topology, topology
from shared.errors import PermanentError
from shared.wire.stages import STAGES, Stage


def whole(delays_s: tuple[int, ...], stages: Sequence[Stage] = STAGES) -> Topology:
    """What every process together needs, with this retry ladder and these stages."""
    parts = (topology(delays_s, stages), ASKED, stream.recorded(delays_s))
    return Topology(
        tuple(dict.fromkeys(exchange for part in parts for exchange in part.exchanges)),
        tuple(queue for part in parts for queue in part.queues),
        parts[0].unbound,
        parts[0].marker,
    )


def make(
    urls: Sequence[str],
    delays_s: tuple[int, ...],
    stages: Sequence[Stage],
    before_new_stream: Callable[[], None],
) -> list[str]:
    """What was missing and is now there: `exchange docspace`, `queue mover`. AMQP does not show bindings.

    Repeating is safe. If the history's stream is missing, `before_new_stream` is called before it is made. A
    process that is killed between the two does both the next time.

    UnavailableError where no broker answers; PermanentError where this user may not declare, or where something
    else has one of the names.
    """
    wanted = whole(delays_s, stages)
    exchanges = [name for name, _ in wanted.exchanges] + ([wanted.marker] if wanted.marker else [])
    names = Needed(tuple(queue.name for queue in wanted.queues), tuple(exchanges))
    with connected(urls, "console topology") as connection:
        try:
            missing = list(missing_of(connection, names))
            if f"queue {stream.QUEUE}" in missing:
                before_new_stream()
            declare(connection, wanted)
        except ChannelClosedByBroker as error:
            raise PermanentError(f"the broker does not take the topology: {error.reply_text}") from error
        except AMQPError as error:
            raise UnavailableError(f"the broker went away: {cause(error)}") from error
    return missing
