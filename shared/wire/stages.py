"""The stages behind the ingress, in the order in which an upload comes to them: all that is known of each, once."""

from dataclasses import dataclass

from shared.wire.events import Event, InvoiceAnnounced, InvoiceDetected, InvoiceFiled

HEALTH_PORT = 9100
"""Of every worker, the ingress too, unless its HEALTH_PORT says otherwise."""
UNREADABLE = "webhook.unreadable"
"""The routing key of a signed webhook without a readable trigger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    name: str
    """Its worker's (`python -m NAME`), its queue's and its service's in docker-compose.yml."""
    bindings: tuple[str, ...]
    """Of its queue, on the exchange `docspace`."""
    publishes: type[Event]
    """The fact that says that its work is done: what a Forward of its handler holds."""
    reads_rules: bool = False
    """Its worker runs with the rules. It follows published ones; those of a file it reads when it starts."""
    asks_portal: bool = False
    """It takes no messages while the portal is down."""
    milestone: str | None = None
    """What an invoice is once it is forwarded, where the time from its webhook until then is measured."""
    health_port: int = HEALTH_PORT
    retired_bindings: tuple[str, ...] = ()
    """Bindings that a released version made. Every declaration takes them away, as declaring alone only adds."""


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
NOTIFIER = Stage(
    name="notifier",
    bindings=(InvoiceFiled.routing_key,),
    publishes=InvoiceAnnounced,
    milestone="told",
    reads_rules=True,
)

STAGES = (CLASSIFIER, MOVER, NOTIFIER)
"""An upload that the last of them has forwarded has come to its end."""
NAMES = tuple(stage.name for stage in STAGES)
