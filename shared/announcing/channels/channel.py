"""What a channel is, what it is given to send, and what it is made from."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from shared.text.announcement import Announcement
from shared.wire.events import InvoiceFiled


class Texts(Protocol):
    """What one person or place is told, in each form."""

    @property
    def full(self) -> Announcement: ...

    @property
    def for_chat(self) -> Announcement:
        """As text alone: no mention, link or markup in a title, name or id is obeyed there."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Filed invoices, to be told on one channel in one message: one, or all that waited for it."""

    invoices: tuple[InvoiceFiled, ...]
    texts: Texts
    key: str
    """The key of the claim under which it is told. It is the same at each repeat, so the receiver can recognize
    one."""
    correlation_id: str
    within_s: float
    """The time that is left to send it."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One person or place that can be told."""

    scheme: str
    """How it is sent: `mail`, or the scheme of the URL in the rule, such as `slack`."""
    name: str
    """Its name in reasons and logs, without secrets."""
    id: str
    """The same for the same address, and without its secrets. Its claims are named after it."""
    send: Callable[[Notice], None]
    """Return once the channel has accepted it; else TransientError or PermanentError. Repeating sends it again.

    NoMailNowError holds for all channels of this scheme, so none of them is tried again for this invoice.
    """
    listed: bool = True
    """Whether `invoice.announced` lists its scheme. A recipient is listed there by address."""
    stands_for: str = ""
    """The recipient who is away, if this is their deputy. It has the recipient's id, so one of them is told."""

    @property
    def address(self) -> str:
        """Of whom it is told for; its name where that is no person's."""
        return self.stands_for or self.name

    @property
    def called(self) -> str:
        """As the others that are told may know it: a recipient by address, any other by its scheme."""
        return self.scheme if self.listed else self.name


class MailSender(Protocol):
    def send(
        self, recipient: str, announcement: Announcement, *, key: str, correlation_id: str, within_s: float
    ) -> None:
        """As `shared.smtp.sender.SmtpSender.send`."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What all channels of the process are made from."""

    mail: MailSender
    authorities: Path | None = None
    """A file with all certificate authorities that are trusted; None: those that a library brings along."""
