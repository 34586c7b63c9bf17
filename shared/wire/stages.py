"""The stages behind the ingress, and what each one's work queue receives."""

from shared.wire.events import InvoiceDetected, InvoiceFiled

CLASSIFIER = "classifier"
MOVER = "mover"
NOTIFIER = "notifier"

BINDINGS = {
    CLASSIFIER: "webhook.#",
    MOVER: InvoiceDetected.routing_key,
    NOTIFIER: InvoiceFiled.routing_key,
}
"""Stage, which is also its queue's name, to the binding on the exchange `docspace`."""
UNREADABLE = "webhook.unreadable"
"""The routing key of a signed webhook without a readable trigger."""
