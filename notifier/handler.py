"""Tells everyone who is to know of a filed invoice, each once, and says what became of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, assert_never

from notifier.channels import Channel
from notifier.text import Announcement, announcement
from shared.crash_points import CrashPoint, reached
from shared.errors import PermanentError, TransientError
from shared.events import InvoiceAnnounced, InvoiceFiled, decode
from shared.ledger import Done, Held, Ledger, Won
from shared.message import Message
from shared.outcome import Dead, Forward, Outcome, Retry, Skip

LEASE_S = 120.0
"""Far longer than a mail takes, and short enough that what a crash left undone is told in minutes."""


class MailSender(Protocol):
    def send(self, recipient: str, announcement: Announcement, *, key: str, correlation_id: str) -> None:
        """As `notifier.mail.SmtpSender.send`."""


@dataclass(frozen=True, slots=True)
class Ports:
    portal: str
    """The portal's host: file ids are unique within it only."""
    ledger: Ledger
    mail: MailSender
    channels: Callable[[str], tuple[Channel, ...]]
    """The further channels of a rule, by its name."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One recipient or channel, and how to reach it."""

    name: str
    key: str
    send: Callable[[str], None]
    """Given the key that it is done under."""


@dataclass(frozen=True, slots=True)
class Told:
    by: str
    """`work_id` of the message whose handling told them."""


@dataclass(frozen=True, slots=True)
class NotYet:
    reason: str
    wait_s: float | None = None


@dataclass(frozen=True, slots=True)
class Never:
    reason: str


def handle(message: Message, ports: Ports) -> Outcome:
    """Repeating is safe: who was told is not told again. TransientError if the ledger cannot be reached."""
    try:
        invoice = decode(message.body, InvoiceFiled)
    except PermanentError as error:
        return Dead(str(error))
    channels = ports.channels(invoice.rule)
    deliveries = _deliveries(invoice, channels, message.correlation_id, ports)
    if not deliveries:
        return Dead(f'nobody to tell: no recipient, and the rule "{invoice.rule}" has no channel here')
    found = {delivery.name: _deliver(delivery, message, ports.ledger) for delivery in deliveries}
    left = {name: told for name, told in found.items() if not isinstance(told, Told)}
    waiting = [why for why in left.values() if isinstance(why, NotYet)]
    if waiting:  # before Dead: as a dead letter, the others would wait for a person too
        floors = [why.wait_s for why in waiting if why.wait_s is not None]
        return Retry(_not_told(left), max(floors, default=None))
    if left:
        return Dead(_not_told(left))
    tellers = {told.by for told in found.values() if isinstance(told, Told)}
    if message.work_id not in tellers:
        return Skip(f"already announced, by the message {', '.join(sorted(tellers))}")
    return Forward(
        InvoiceAnnounced(
            file_id=invoice.file_id,
            version=invoice.version,
            title=invoice.title,
            rule=invoice.rule,
            recipients=invoice.recipients,
            channels=tuple(channel.name for channel in channels),
        )
    )


def _deliveries(
    invoice: InvoiceFiled, channels: tuple[Channel, ...], correlation_id: str, ports: Ports
) -> list[Delivery]:
    said = announcement(invoice, correlation_id)
    work = _work_key(invoice, ports.portal)

    def by_mail(recipient: str) -> Delivery:
        return Delivery(
            recipient,
            f"{work}:{recipient.lower()}",
            lambda key: ports.mail.send(recipient, said, key=key, correlation_id=correlation_id),
        )

    def by_channel(channel: Channel) -> Delivery:
        return Delivery(channel.id, f"{work}:{channel.id}", lambda _: channel.send(said))

    return [*map(by_mail, invoice.recipients), *map(by_channel, channels)]


def _work_key(invoice: InvoiceFiled, portal: str) -> str:
    """One per filed file and version. In third-party storage an id is a path, which the next file of that name has
    again, at version 1 again; but each of them got an id of its own when it was moved.
    """
    key = f"announce:{portal}:{invoice.source_file_id}:{invoice.version}"
    return key if str(invoice.file_id) == str(invoice.source_file_id) else f"{key}:{invoice.file_id}"


def _deliver(delivery: Delivery, message: Message, ledger: Ledger) -> Told | NotYet | Never:
    found = _deliver_as(delivery.key, delivery, message, ledger)
    if message.override and isinstance(found, Told) and found.by != message.work_id:
        return _deliver_as(f"{delivery.key}:{message.override}", delivery, message, ledger)
    return found


def _deliver_as(key: str, delivery: Delivery, message: Message, ledger: Ledger) -> Told | NotYet | Never:
    claim = ledger.claim(key, LEASE_S)
    match claim:
        case Done(by):
            return Told(by)
        case Held():  # no floor: the holder is done in a moment, and if it died, the ladder outlasts its lease
            return NotYet("another worker is at it")
        case Won(token):
            reached(CrashPoint.MAIL_CLAIMED)
            return _send(key, delivery, token, message, ledger)
        case _:
            assert_never(claim)


def _send(key: str, delivery: Delivery, token: str, message: Message, ledger: Ledger) -> Told | NotYet | Never:
    try:
        delivery.send(key)
    except TransientError as error:
        reached(CrashPoint.MAIL_REFUSED)
        ledger.release(key, token)
        return NotYet(str(error), error.retry_after_s)
    except PermanentError as error:
        ledger.release(key, token)
        return Never(str(error))
    reached(CrashPoint.MAIL_ACCEPTED)
    ledger.complete(key, message.work_id)
    reached(CrashPoint.MAIL_RECORDED)
    return Told(message.work_id)


def _not_told(left: Mapping[str, NotYet | Never]) -> str:
    return "not told: " + "; ".join(f"{name} ({why.reason})" for name, why in left.items())
