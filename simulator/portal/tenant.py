"""What a suspended, restoring or unpaid portal answers to everybody. Pure."""

SUSPENDED, RESTORING, UNPAID = 404, 403, 402
SELF = frozenset({"people/@self", "people/self"})
KEY = frozenset({"keys/@self"})

REFUSALS: dict[str, tuple[int, frozenset[str]]] = {
    "suspended": (SUSPENDED, frozenset()),
    "restoring": (RESTORING, SELF | KEY),
    "unpaid": (UNPAID, SELF),
}
"""The status of the problem document, and the routes that still answer."""


def refusal(state: str, route: str) -> int | None:
    """The status of the refusal; None if the route answers as usual. `route` is what follows `/api/2.0/`."""
    if state not in REFUSALS:
        return None
    status, spared = REFUSALS[state]
    return None if route in spared else status
