"""What a handler decided about one message. These are values; `shared.runtime.settle` turns them into AMQP."""

from dataclasses import dataclass

from shared.text.codes import Code
from shared.wire.events import Event


@dataclass(frozen=True, slots=True)
class Forward:
    """The work is done, and this event is published for the next stage and for everybody who listens."""

    event: Event


@dataclass(frozen=True, slots=True)
class Skip:
    """There is nothing to do, for this reason. It is published as `event.skipped`."""

    reason: str
    """A sentence for a person."""
    code: Code


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again later, by the retry ladder, `not_before_s` seconds from now at the earliest."""

    reason: str
    code: Code
    not_before_s: float | None = None
    untried: bool = False
    """The portal never looked at it, so the attempt is not counted."""
    ages: bool = True
    """Whether this wait counts towards RETRY_MAX_AGE_S. It does not if it is for other work to end."""
    person: bool = False
    """A person must do something first (unlock, close, restore). For the first hours it is looked at every few
    minutes."""


@dataclass(frozen=True, slots=True)
class Dead:
    """Trying again changes nothing: it becomes a dead letter that waits for a person."""

    reason: str
    code: Code


Outcome = Forward | Skip | Retry | Dead
