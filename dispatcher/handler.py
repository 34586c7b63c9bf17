"""Hands one event on to one endpoint, and returns what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from dispatcher.delivering import Accepted, Delivered, Delivering, Disabled, Elsewhere, Refused
from dispatcher.wanted import not_wanted
from shared.errors import TransientError
from shared.hooks.body import webhook_id
from shared.rules.endpoint import Endpoint
from shared.store.hooks.store import HookStore
from shared.text.codes import Code
from shared.wire.events import HookDelivered, HookSkipped
from shared.wire.message import Message
from shared.wire.outcome import Forward, Outcome, Retry


@dataclass(frozen=True, slots=True)
class Ports:
    name: str
    """Of the endpoint."""
    endpoint: Callable[[], Endpoint | None]
    """As the rules have it now. TransientError while they are not known."""
    disabled: Callable[[str], bool]
    """Whether the endpoint of that name is."""
    store: HookStore
    delivering: Delivering


def handle(message: Message, ports: Ports) -> Outcome:
    """Repeating is safe: what the endpoint accepted is not sent again. PermanentError for what is no event.

    TransientError if the database cannot be used.
    """
    endpoint = ports.endpoint()
    if endpoint is None:
        return _skipped(message, ports, "the rules no longer name the endpoint", Code.NOT_WANTED)
    if why := not_wanted(endpoint, message):
        return _skipped(message, ports, why, Code.NOT_WANTED)
    if ports.disabled(ports.name):
        return _missed(message, ports, "the endpoint is disabled", Code.HOOK_DISABLED)
    return _outcome(ports.delivering.deliver(message, endpoint), message, ports)


def _outcome(delivered: Delivered, message: Message, ports: Ports) -> Outcome:
    outcome: Outcome
    match delivered:
        case Accepted(status):
            id_ = webhook_id(message)
            outcome = Forward(HookDelivered(endpoint=ports.name, event=message.type, webhook_id=id_, status=status))
        case Elsewhere():
            outcome = Retry("another worker is at it", Code.AT_WORK, untried=True, ages=False)
        case Disabled(why):
            outcome = _missed(message, ports, f"the endpoint is disabled: {why}", Code.HOOK_DISABLED)
        case Refused(reason, code, wait_s):
            gave_up = message.waited_s >= ports.delivering.max_age_s
            outcome = (
                _missed(message, ports, f"gave up: {reason}", Code.HOOK_GAVE_UP)
                if gave_up
                else Retry(reason, code, wait_s)
            )
        case _:
            assert_never(delivered)
    return outcome


def probe(ports: Ports) -> str | None:
    """Try one of the events that failed: None if the endpoint is to be sent more, else why not. Raises nothing."""
    try:
        endpoint, message = ports.endpoint(), ports.delivering.gate.sample()
        if endpoint is None or message is None or ports.disabled(ports.name):
            return None
        delivered = ports.delivering.deliver(message, endpoint)
    except TransientError as error:
        return str(error)
    return delivered.reason if isinstance(delivered, Refused) else None


def _missed(message: Message, ports: Ports, reason: str, code: Code) -> Forward:
    ports.store.missed(ports.name, message.timestamp)
    return _skipped(message, ports, reason, code)


def _skipped(message: Message, ports: Ports, reason: str, code: Code) -> Forward:
    event = HookSkipped(
        endpoint=ports.name,
        event=message.type,
        webhook_id=webhook_id(message),
        reason=reason,
        code=code.value,
    )
    return Forward(event)
