"""The stages behind the ingress, in the order in which an upload passes them, with all facts about each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.wire.events import (
    DigestDue,
    DigestSent,
    Event,
    EventSkipped,
    HookDelivered,
    InvoiceAnnounced,
    InvoiceDead,
    InvoiceDetected,
    InvoiceFiled,
    InvoiceRead,
    NotificationWaiting,
)

HEALTH_PORT = 9100
"""The health port of every worker, the ingress included, unless its HEALTH_PORT says otherwise."""
UNREADABLE = "webhook.unreadable"
"""The routing key of a signed webhook without a readable trigger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    name: str
    """The name of its worker (`python -m NAME`), of its queue, and of its service in docker-compose.yml."""
    bindings: tuple[str, ...]
    """The bindings of its queue, on the exchange `docspace`."""
    publishes: type[Event]
    """The event that a Forward of its handler holds."""
    also_publishes: tuple[type[Event], ...] = (EventSkipped,)
    """The other events that its worker may publish."""
    reads_rules: bool = False
    """Its worker runs with the rules. It follows published rules; it reads those of a file when it starts."""
    asks_portal: bool = False
    """It takes no messages while the portal is down."""
    milestone: str | None = None
    """What has happened to an invoice that the stage forwards. The time since its webhook is measured there."""
    patience_s: int | None = None
    """After so long a message that its worker did not take goes on as if it had been handled, with the body that it
    has. The event that it publishes must be readable from that."""
    health_port: int = HEALTH_PORT
    retired_bindings: tuple[str, ...] = ()
    """Bindings that an earlier release made. Declaring a queue only adds bindings, so these are removed."""


CLASSIFIER = Stage(
    name="classifier", bindings=("webhook.#",), publishes=InvoiceDetected, reads_rules=True, asks_portal=True
)
MOVER = Stage(
    name="mover",
    bindings=(InvoiceDetected.routing_key,),
    publishes=InvoiceFiled,
    milestone="filed",
    reads_rules=True,
    asks_portal=True,
)
READER = Stage(
    name="reader",
    bindings=(InvoiceFiled.routing_key,),
    publishes=InvoiceRead,
    also_publishes=(),
    patience_s=30,
)
"""Off, unless READER says otherwise: without it the notifier takes what the mover publishes."""
NOTIFIER = Stage(
    name="notifier",
    bindings=(InvoiceFiled.routing_key, InvoiceRead.routing_key, DigestDue.routing_key),
    publishes=InvoiceAnnounced,
    also_publishes=(NotificationWaiting, DigestDue, DigestSent, EventSkipped),
    milestone="told",
    reads_rules=True,
)

STAGES = (CLASSIFIER, MOVER, NOTIFIER)
"""If the last of these has forwarded an upload, it is finished."""
NAMES = tuple(stage.name for stage in STAGES)

_AFTER_THE_READER = replace(
    NOTIFIER,
    bindings=tuple(key for key in NOTIFIER.bindings if key not in READER.bindings),
    retired_bindings=(*NOTIFIER.retired_bindings, *READER.bindings),
)
EVERY = (*STAGES[:-1], READER, NOTIFIER)
"""Those that may be switched off among them."""
EVERY_NAME = tuple(stage.name for stage in EVERY)


def stages(*, reader: bool) -> tuple[Stage, ...]:
    """Those that an upload passes where the reader is on, or off."""
    return (*STAGES[:-1], READER, _AFTER_THE_READER) if reader else STAGES


def switched_off(on: Sequence[Stage]) -> tuple[Stage, ...]:
    """Those that are not among these. If they were on before, their queues are still there."""
    return tuple(stage for stage in EVERY if stage.name not in {each.name for each in on})


DISPATCHER = "dispatcher"
"""The worker that hands events on to endpoints. No upload passes it, so it is not among STAGES; where it does not
run, nothing of it is on the broker."""
HANDED_ON = tuple(
    kind.routing_key for kind in (InvoiceFiled, InvoiceRead, InvoiceAnnounced, EventSkipped, InvoiceDead)
)
"""The events that an endpoint may ask for."""
_LANE = f"{DISPATCHER}."
LANES = f"{_LANE}*"
"""All of them, as a pattern of names."""


def lane(endpoint: str, events: tuple[str, ...]) -> Stage:
    """The stage of one endpoint, with a queue of its own: what waits for one holds up no other."""
    retired = tuple(event for event in HANDED_ON if event not in events)
    return Stage(name=f"{_LANE}{endpoint}", bindings=events, retired_bindings=retired, publishes=HookDelivered)


def is_lane(stage: str) -> bool:
    """Whether a stage of that name is one of an endpoint."""
    return stage.startswith(_LANE)
