"""What a channel is, what it is given to tell, and what it is made with."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from notifier.text import Announcement, Texts
from shared.wire.events import InvoiceFiled


@dataclass(frozen=True, slots=True)
class Notice:
    """One filed invoice, to be told on one channel."""

    invoice: InvoiceFiled
    texts: Texts
    key: str
    """Of the claim that it is told under: the same at each repeat, so that the other side can tell one."""
    correlation_id: str
    within_s: float
    """The time that is left for it."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One person or place that can be told."""

    scheme: str
    """What it is sent by: `mail`, or the scheme of the URL in the rule: `slack`."""
    name: str
    """As reasons and logs name it, without secrets."""
    id: str
    """The same for the same address, and without its secrets: its claims are named after it."""
    send: Callable[[Notice], None]
    """Returns once the channel accepted it; TransientError or PermanentError if not. Repeating sends it again.

    NoMailNowError is said for all that have this scheme: of one invoice no other of them is tried.
    """
    listed: bool = True
    """Whether `invoice.announced` lists its scheme. A recipient is listed there by address."""

    @property
    def called(self) -> str:
        """As the others that are told may know it: a recipient by address, any other by its scheme."""
        return self.scheme if self.listed else self.name


class MailSender(Protocol):
    def send(
        self, recipient: str, announcement: Announcement, *, key: str, correlation_id: str, within_s: float
    ) -> None:
        """As `notifier.smtp.sender.SmtpSender.send`."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What the process has for its channels."""

    mail: MailSender
    authorities: Path | None = None
    """A file with all certificate authorities that are trusted; None: those that a library brings along."""


def secret_id(url: str) -> str:
    """Names a channel whose URL is a secret: `slack:` and a hash, the same for the same URL."""
    return f"{url.partition('://')[0].lower()}:{hashlib.sha256(url.encode()).hexdigest()[:16]}"
