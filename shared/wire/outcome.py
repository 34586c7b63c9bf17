"""What a handler decided about one message. Values only: `shared.runtime.settle` turns them into AMQP."""

from dataclasses import dataclass, field

from shared.text.codes import Code
from shared.wire.events import EntryId, Event, InvoiceDetected, InvoiceFiled


@dataclass(frozen=True, slots=True)
class Forward:
    """The work is done; this fact goes to whoever works or listens next."""

    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The file that a message is about, as far as its worker knows it."""

    file_id: EntryId | None = None
    title: str | None = None
    room_id: EntryId | None = None
    room_title: str | None = None
    uploaded_by: str | None = None
    """The uploader's display name if known, else their user id."""
    uploaded_at: str | None = None
    """ISO 8601, UTC."""


NOTHING = About()


def about(event: InvoiceDetected | InvoiceFiled) -> About:
    """What the event tells of its file."""
    return About(
        file_id=event.file_id,
        title=event.title,
        room_id=event.room_id,
        room_title=event.room_title,
        uploaded_by=event.uploaded_by,
        uploaded_at=event.uploaded_at,
    )


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing to do, for this reason; published as `event.skipped`."""

    reason: str
    """A sentence for a person."""
    code: Code
    about: About = field(default=NOTHING, compare=False)
    """Told along: the decision is the same, whatever is known of the file."""


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
