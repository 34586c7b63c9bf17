"""Tells a breaker what the portal's answers say about the portal as a whole."""

from collections.abc import Callable
from typing import Protocol

from shared.docspace.errors import (
    BusyError,
    PortalFaultError,
    RefusedError,
    ScopeMissingError,
    TryLaterError,
    UnexplainedError,
)
from shared.docspace.state import State, missing
from shared.runtime.breaker import Breaker

SERVER_ERROR = 500


class Portal(Protocol):
    def state(self) -> State: ...


Answer = TryLaterError | RefusedError | None
"""How a call ended: None if well, else its error."""


def portal_fault(answer: Answer, needs: tuple[str, ...] = ()) -> str | None:
    """Why no call at all would succeed, as far as this error tells; None if the portal works.

    A rate limit (429) means that the portal works; its wait is kept elsewhere. So does a refusal of one request,
    and a missing permission that is not in `needs`, which all of the work needs.
    """
    match answer:
        case PortalFaultError():
            return str(answer)
        case ScopeMissingError(scope=scope):
            return str(answer) if scope in needs else None
        case BusyError() | UnexplainedError():
            return None
        case TryLaterError(status=status):
            return str(answer) if status is None or status >= SERVER_ERROR else None
        case _:
            return None


def hearing(breaker: Breaker, *needs: str, answered: Callable[[], None] = lambda: None) -> Callable[[Answer], None]:
    """For `Client(heard=…)`. Every call counts, also those whose failure the caller overcomes. `answered` is
    called for each call that the portal answered, whatever the answer was.
    """

    def heard(answer: Answer) -> None:
        if not isinstance(answer, TryLaterError):
            answered()
        fault = portal_fault(answer, needs)
        if fault is None:
            breaker.succeeded()
        else:
            breaker.failed(fault, certain=isinstance(answer, PortalFaultError | ScopeMissingError))

    return heard


def standstill(portal: Portal, *needs: str) -> str | None:
    """Why no work could be done now; None closes the breaker, so it serves as its probe. The key must have all
    of `needs`.
    """
    now = portal.state()
    if now.fault:
        return now.reason
    lacking = now.lacks(*needs)
    return missing(lacking) if lacking else None
