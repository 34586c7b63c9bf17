"""What the portal's answers mean for the caller, over the product's two kinds of error.

TransientError
└── TryLaterError            402, 5xx, a redirect, an answer that is not the documented shape
    ├── KeyRefusedError      401
    ├── BusyError            429
    └── UnreachableError     no answer at all: network, TLS, timeout
PermanentError
└── RefusedError             400, 415 and every other 4xx
    ├── ForbiddenError       403: no right, but also a locked, edited or missing source of a move
    └── NotFoundError        404
"""

from shared.errors import PermanentError, TransientError


class TryLaterError(TransientError):
    """The portal did not do it, or did not say that it did.

    `maybe_done`: the request may have been carried out all the same, so look before repeating a write.
    `status` is None where no HTTP answer came.
    """

    def __init__(
        self,
        reason: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        maybe_done: bool = False,
    ) -> None:
        super().__init__(reason, retry_after_s=retry_after_s)
        self.status = status
        self.maybe_done = maybe_done


class KeyRefusedError(TryLaterError):
    """401: transient, because a key that a person renews makes every waiting message succeed."""

    def __init__(self, reason: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(reason, status=401, retry_after_s=retry_after_s)


class BusyError(TryLaterError):
    """429: a rate limit, with the portal's own floor in `retry_after_s` if it named one."""

    def __init__(self, reason: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(reason, status=429, retry_after_s=retry_after_s)
        self.untried = retry_after_s is not None


class UnreachableError(TryLaterError):
    """No answer. `maybe_done` is True for a read timeout or a cut connection: the request may have arrived."""

    def __init__(self, reason: str, *, maybe_done: bool = False) -> None:
        super().__init__(reason, maybe_done=maybe_done)


class RefusedError(PermanentError):
    """The portal understood and declined; the same request is declined again."""

    status: int | None = None
    maybe_done = False

    def __init__(self, reason: str, *, status: int | None = None) -> None:
        super().__init__(reason)
        if status is not None:
            self.status = status


class ForbiddenError(RefusedError):
    status = 403


class NotFoundError(RefusedError):
    status = 404
