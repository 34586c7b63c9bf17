"""What the portal's answers mean for the caller, over the product's two kinds of error.

TransientError
└── TryLaterError            5xx, an answer that is not the documented shape, one that does not say what it is about
    ├── UnexplainedError     401, and any other 4xx without a reason of the portal's own: not about an entry
    ├── PortalFaultError     so it is for every call: the portal as a whole, the way to it, or our key
    ├── ScopeMissingError    the key may not call this route
    ├── BusyError            429
    └── UnreachableError     no answer at all: network, TLS, timeout
PermanentError
└── RefusedError             400, 415 and every other 4xx with a reason
    ├── TooLargeError        the bytes of a file, over what was asked for
    ├── ForbiddenError       403 about an entry: no right, but also a locked, edited or missing source of a move
    └── NotFoundError        404 about an entry

A refusal is the portal's only where it gives its own reason and takes our key (`docspace.state`).
"""

from shared.errors import PermanentError, TransientError
from shared.text.codes import Code


class TryLaterError(TransientError):
    """The portal did not do it, or did not say that it did.

    `maybe_done`: the request may have been carried out all the same, so look before repeating a write.
    `status` is None where no HTTP answer came.
    """

    code = Code.PORTAL_ERROR

    def __init__(
        self,
        reason: str,
        *,
        code: Code | None = None,
        status: int | None = None,
        retry_after_s: float | None = None,
        maybe_done: bool = False,
    ) -> None:
        super().__init__(reason, code=code, retry_after_s=retry_after_s)
        self.status = status
        self.maybe_done = maybe_done


class UnexplainedError(TryLaterError):
    """About the key, its scopes, the portal or the way to it, and never about a file or folder."""

    code = Code.PORTAL_NOT_ITSELF


class PortalFaultError(TryLaterError):
    """No call of ours would do, whatever it asks for. Transient: a person renews a key or a plan, a portal comes
    back.

    `reason` is a sentence that names what it is, and what a person can do.
    """


class ScopeMissingError(TryLaterError):
    """The key's permissions do not reach this route. Transient: a person may give it the `scope`."""

    code = Code.KEY_LACKS_PERMISSION

    def __init__(self, reason: str, scope: str) -> None:
        super().__init__(reason, status=403)
        self.scope = scope


class BusyError(TryLaterError):
    """429: a rate limit. It names a wait in `retry_after_s` for the limit of a day alone (seen: `more-429-*`)."""

    code = Code.RATE_LIMIT
    untried = True

    def __init__(self, reason: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(reason, status=429, retry_after_s=retry_after_s)


class UnreachableError(TryLaterError):
    """No answer. `maybe_done` is True for a read timeout or a cut connection: the request may have arrived."""

    code = Code.PORTAL_UNREACHABLE

    def __init__(self, reason: str, *, maybe_done: bool = False) -> None:
        super().__init__(reason, maybe_done=maybe_done)


class RefusedError(PermanentError):
    """The portal understood and declined; the same request is declined again."""

    code = Code.PORTAL_REFUSED
    status: int | None = None
    maybe_done = False

    def __init__(self, reason: str, *, status: int | None = None, kind: str = "") -> None:
        """`kind` is the portal's `error.type`, which says in every language of its what it is about."""
        super().__init__(reason)
        self.kind = kind
        if status is not None:
            self.status = status


class TooLargeError(RefusedError):
    """More bytes than the caller takes. The portal would give them."""


class ForbiddenError(RefusedError):
    status = 403


class NotFoundError(RefusedError):
    status = 404
