"""Errors, named for what the caller does next.

IntakeError
├── TransientError    try the same message again later
│   └── OutdatedError     take no message: a newer program must handle them
└── PermanentError    trying again changes nothing: a person must look
"""

from shared.text.codes import Code

RUN_TOPOLOGY = "the topology is missing or older: run `intake topology`"
"""What is said of a broker or a database that lacks something, where one may not make it oneself."""


class IntakeError(Exception):
    """Base of every error that this product raises on purpose; `str()` of it is a sentence for a person."""

    code = Code.UNEXPECTED
    """Of what comes of a message where a handler lets the error through."""


class TransientError(IntakeError):
    """The same message may succeed later. `retry_after_s` is a floor that the other side asked for, or None.

    `untried`: it did not look at what was asked, and said when it will. That tells nothing of the message.
    """

    untried = False

    def __init__(self, reason: str, *, code: Code | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.code = code or self.code
        self.retry_after_s = retry_after_s


class OutdatedError(TransientError):
    """A newer program changed what this one works with. Newer processes beside it can go on."""


class PermanentError(IntakeError):
    """Trying again changes nothing; the message becomes a dead letter."""

    def __init__(self, reason: str, *, code: Code | None = None) -> None:
        super().__init__(reason)
        self.code = code or self.code
