"""What a handler decided about one message. Values only: `shared.runtime.settle` turns them into AMQP."""

from dataclasses import dataclass

from shared.text.codes import Code
from shared.wire.events import Event


@dataclass(frozen=True, slots=True)
class Forward:
    """The work is done; this fact goes to whoever works or listens next."""

    event: Event


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing to do, for this reason; published as `event.skipped`."""

    reason: str
    """A sentence for a person."""
    code: Code


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now: back through the retry ladder, no sooner than `not_before_s` seconds from now."""

    reason: str
    code: Code
    not_before_s: float | None = None
    untried: bool = False
    """Its turn did not come: it comes back as the attempt that it is, to no longer wait and no less company."""
    ages: bool = True
    """Whether this wait counts towards RETRY_MAX_AGE_S; not where it is for what other work is to end."""
    person: bool = False
    """A person must do something first (unlock, close, restore): looked at every few minutes for the first
    hours."""


@dataclass(frozen=True, slots=True)
class Dead:
    """Never: a dead letter that waits for a person."""

    reason: str
    code: Code


Outcome = Forward | Skip | Retry | Dead
