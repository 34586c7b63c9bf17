"""The channels on which operators are told: mail, and the services of Apprise. Their addresses are secrets."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from console.operator.settings import Operators
from shared.chat.apprise import authorities, chat
from shared.errors import PermanentError
from shared.network.tls import trusting
from shared.network.urls import secret_id
from shared.smtp.sender import SmtpSender
from shared.smtp.settings import Mail
from shared.text.announcement import Announcement

MAIL = "mail"
PROBLEMS = "problems"
"""Names the list of these mails, by which a mail program may sort them."""


class Settings(Operators, Mail):
    """How operators are told."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, in both forms."""

    full: Announcement
    for_chat: Announcement
    key: str
    """The same at each repeat."""
    thread: str
    """The same for all that belongs together."""


@dataclass(frozen=True, slots=True)
class Channel:
    id: str
    """The same for the same address, and without its secrets."""
    name: str
    """For people and logs."""
    send: Callable[[Letter], None]
    """Return once it is accepted; else TransientError or PermanentError. Repeating sends it again."""


@contextlib.contextmanager
def opened(settings: Settings, within_s: float) -> Iterator[tuple[tuple[Channel, ...], ...]]:
    """The channels by group. `within_s` bounds the sending of one mail."""
    tls = trusting(settings.tls_ca_file) if settings.tls_ca_file else None
    sender = SmtpSender(
        settings.smtp_url.get_secret_value(), settings.mail_from, tls=tls, reply_to=settings.mail_reply_to,
        list_name=PROBLEMS,
    )  # fmt: skip
    with contextlib.closing(sender), authorities(settings.tls_ca_file) as trusted:
        yield tuple(
            tuple(_channel(address, sender, trusted, within_s) for address in group) for group in settings.operators
        )


def _channel(address: str, sender: SmtpSender, trusted: Path | None, within_s: float) -> Channel:
    return _service(address, trusted) if "://" in address else mail(address, sender, within_s)


def mail(address: str, sender: SmtpSender, within_s: float) -> Channel:
    def send(letter: Letter) -> None:
        sender.send(address, letter.full, key=letter.key, correlation_id=letter.thread, within_s=within_s)

    return Channel(f"{MAIL}:{address.lower()}", address, send)


def _service(url: str, trusted: Path | None) -> Channel:
    """Apprise is loaded when it is needed. A URL that it cannot read never takes anything."""

    @functools.cache
    def place() -> Callable[[Announcement], None]:
        try:
            return chat(url, trusted).send
        except ValueError as error:
            raise PermanentError(str(error)) from None

    def send(letter: Letter) -> None:
        place()(letter.for_chat)

    return Channel(secret_id(url), secret_id(url), send)
