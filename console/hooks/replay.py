"""Sends an endpoint again what it asks for and did not accept, from the broker's stream."""

from collections.abc import Sequence

from shared.amqp.line import Line
from shared.amqp.operator.past import past
from shared.errors import TransientError
from shared.hooks.body import webhook_id
from shared.rules.endpoint import Endpoint
from shared.runtime.settle import DEFAULT_EXCHANGE, EXCHANGE
from shared.store.history.step import Delivery
from shared.store.keys import delivery_key
from shared.store.ledger import Done, Ledger
from shared.text.codes import Code
from shared.wire.message import Publication
from shared.wire.stages import lane

AT_ONCE = 200


def replay(urls: Sequence[str], endpoint: Endpoint, since: float, ledger: Ledger, line: Line) -> int:
    """How many events of since then were sent to its queue. IntakeError.

    Repeating is safe: each keeps its `webhook-id`, and what was accepted is left out. The dispatcher looks whether
    the endpoint asks for it.
    """
    found: dict[str, Publication] = {}
    for delivery in past(urls, since):
        if _is_for(delivery, endpoint, since):
            id_ = webhook_id(delivery.message)
            if id_ not in found and not isinstance(ledger.peek(delivery_key(endpoint.name, id_)), Done):
                found[id_] = _publication(delivery, endpoint)
    publications = list(found.values())
    for start in range(0, len(publications), AT_ONCE):
        faults = [fault for fault in line.publish(publications[start : start + AT_ONCE]) if fault is not None]
        if faults:
            raise TransientError(f"not all were sent, run it again: {faults[0]}", code=Code.UNEXPECTED)
    return len(publications)


def _is_for(delivery: Delivery, endpoint: Endpoint, since: float) -> bool:
    is_event = delivery.exchange == EXCHANGE and delivery.routing_key in endpoint.events
    return is_event and delivery.message.timestamp >= int(since)


def _publication(delivery: Delivery, endpoint: Endpoint) -> Publication:
    queue = lane(endpoint.name, ()).name
    return Publication(exchange=DEFAULT_EXCHANGE, routing_key=queue, message=delivery.message, mandatory=True)
