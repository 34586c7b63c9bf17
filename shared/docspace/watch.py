"""What the portal's answers say of the portal as a whole, for a breaker."""

from collections.abc import Callable
from typing import Protocol

from shared.breaker import Breaker
from shared.docspace.errors import BusyError, KeyRefusedError, RefusedError, TryLaterError

SERVER_ERROR = 500


class Portal(Protocol):
    def self_id(self) -> str: ...


Answer = TryLaterError | RefusedError | None
"""How a call ended; None for well."""


def portal_fault(answer: Answer) -> str | None:
    """Why no call at all would do, as far as this one tells; None if the portal works, if not for this request.

    A rate limit (429) is a portal at work, and its floor is in the retry; so is every refusal of one request.
    """
    if isinstance(answer, KeyRefusedError):
        return "the portal refuses our API key (401): check DOCSPACE_API_KEY"
    if not isinstance(answer, TryLaterError) or isinstance(answer, BusyError):
        return None
    return str(answer) if answer.status is None or answer.status >= SERVER_ERROR else None


def hearing(breaker: Breaker) -> Callable[[Answer], None]:
    """For `Client(heard=…)`: every call counts, those too whose failure its caller overcomes."""

    def heard(answer: Answer) -> None:
        fault = portal_fault(answer)
        if fault is None:
            breaker.succeeded()
        else:
            breaker.failed(fault, certain=isinstance(answer, KeyRefusedError))

    return heard


def sign_of_life(portal: Portal) -> str | None:
    """The cheapest call: why the portal does no work, or None. A key that may not see its own profile is good."""
    try:
        portal.self_id()
    except (TryLaterError, RefusedError) as error:
        return portal_fault(error)
    return None
