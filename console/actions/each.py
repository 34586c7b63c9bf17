"""Does an action's items one after the other, and makes what it publishes: each fact has the same id each time."""

from collections.abc import Callable

from console.actions.site import Site
from console.actions.verb import by_of, why_of
from console.actions.work import Work
from console.connect.door import Door
from shared.errors import PermanentError
from shared.runtime.settle import DEAD, EXCHANGE, REPLAYED
from shared.store.actions.action import Action, Item
from shared.wire.events import Event, encode
from shared.wire.message import Message, Publication, derived_id, traceparent_for

APP_ID = "console"

Do = Callable[[Door, Item, float], None]
"""With when the item was begun first. PermanentError: it failed for good, and the others are done all the same."""


def each(site: Site, work: Work, do: Do) -> None:
    """What is left, in its order. TransientError where it cannot go on now."""
    with Door(site.amqp_urls, site.retry_delays_s, site.stages, "console action") as door:
        for item in work.left:
            at = work.begin(item)
            if at is None:
                return
            try:
                do(door, item, at)
            except PermanentError as error:
                work.failed(item, str(error))
            else:
                work.done(item)


def message_of(event: Event, action: Action, correlation_id: str, at: float, *, override: str = "") -> Message:
    return Message(
        body=encode(event),
        type=event.routing_key,
        message_id=derived_id(action.id, correlation_id, event.routing_key),
        correlation_id=correlation_id,
        timestamp=int(at),
        app_id=APP_ID,
        traceparent=traceparent_for(correlation_id),
        override=override,
    )


def published(event: Event, action: Action, correlation_id: str, at: float) -> Publication:
    """For all who listen, with who asked for it."""
    message = message_of(event, action, correlation_id, at)
    headers = told_in_headers(action, at)
    return Publication(
        exchange=EXCHANGE, routing_key=message.type, message=message, mandatory=event.mandatory, headers=headers
    )


def replayed(stage: str, message: Message, action: Action, at: float) -> Publication:
    """For the history: a person had the stage do it again."""
    headers = told_in_headers(action, at)
    return Publication(
        exchange=DEAD, routing_key=f"{stage}.{REPLAYED}", message=message, mandatory=False, headers=headers
    )


def told_in_headers(action: Action, at: float) -> dict[str, str | int]:
    why = why_of(action)
    return {"at_ms": int(at * 1000), "by": by_of(action), **({"reason": why} if why else {})}
