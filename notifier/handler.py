"""Tells everyone who is to know of a filed invoice, each once, and says what became of it."""

import contextlib
import dataclasses
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, assert_never

import structlog

from notifier.channels.apprise import Channel
from notifier.text import Announcement, announcement, chat_announcement
from shared.errors import PermanentError, TransientError
from shared.runtime.crash_points import CrashPoint, reached
from shared.smtp.errors import NoMailNowError
from shared.store import released
from shared.store.keys import announcement_key
from shared.store.ledger import Done, Held, Ledger, Won
from shared.store.ledger.leases import LEASE_S
from shared.text.codes import Code
from shared.wire.events import InvoiceAnnounced, InvoiceFiled, decode
from shared.wire.message import Message
from shared.wire.outcome import Dead, Forward, Outcome, Retry, Skip

log = structlog.get_logger()


MESSAGE_S = 60.0
"""For telling everyone of one invoice. Who is left is told at the next attempt, so that no server, however slow,
holds the worker."""
EACH_S = 30.0
"""With less of it left nobody else is begun with: a mail that is cut off may have been taken."""


class MailSender(Protocol):
    def send(
        self, recipient: str, announcement: Announcement, *, key: str, correlation_id: str, within_s: float
    ) -> None:
        """As `notifier.smtp.sender.SmtpSender.send`."""


@dataclass(frozen=True, slots=True)
class Ports:
    host: str
    """The portal's host, which the claims of the first released version are named after."""
    ledger: Ledger
    mail: MailSender
    channels: Callable[[str], tuple[Channel, ...]]
    """The further channels of a rule, by its name."""
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Delivery:
    """One recipient or channel, and how to reach it."""

    name: str
    key: str
    released: str | None
    """The key that the first released version would use; None where none of its workers can have."""
    send: Callable[[str], None]
    """Given the key that it is done under."""


@dataclass(frozen=True, slots=True)
class Told:
    by: str
    """`work_id` of the message whose handling told them."""


@dataclass(frozen=True, slots=True)
class NotYet:
    reason: str
    code: Code
    wait_s: float | None = None
    elsewhere: bool = False
    """Another worker is at it, and done in a moment; if it died, its lease ends soon."""


@dataclass(frozen=True, slots=True)
class Never:
    reason: str
    code: Code


def handle(message: Message, ports: Ports) -> Outcome:
    """Repeating is safe: who was told is not told again. TransientError if the ledger cannot be reached."""
    try:
        invoice = decode(message.body, InvoiceFiled)
    except PermanentError as error:
        return Dead(str(error), error.code)
    channels = ports.channels(invoice.rule)
    deliveries = _deliveries(invoice, channels, message.correlation_id, ports)
    if not deliveries:
        reason = f'nobody to tell: no recipient, and the rule "{invoice.rule}" has no channel here'
        return Dead(reason, Code.NOBODY_TO_TELL)
    found = {delivery.name: _deliver(delivery, invoice, message, ports.ledger) for delivery in deliveries}
    left = {name: told for name, told in found.items() if not isinstance(told, Told)}
    waiting = [why for why in left.values() if isinstance(why, NotYet)]
    if waiting:  # before Dead: as a dead letter, the others would wait for a person too
        floors = [why.wait_s for why in waiting if why.wait_s is not None]
        elsewhere = all(why.elsewhere for why in waiting)
        code = next((why.code for why in waiting if not why.elsewhere), Code.AT_WORK)
        return Retry(_not_told(left), code, max(floors, default=None), untried=elsewhere, ages=not elsewhere)
    if left:
        return Dead(_not_told(left), next(why.code for why in left.values()))
    tellers = {told.by for told in found.values() if isinstance(told, Told)}
    if message.work_id not in tellers:
        reason = f"already announced, by the message {', '.join(sorted(tellers))}"
        return Skip(reason, Code.ALREADY_ANNOUNCED)
    return Forward(
        InvoiceAnnounced(
            portal=invoice.portal,
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
    in_chat = chat_announcement(invoice, correlation_id) if channels else said
    file = (invoice.source_file_id, invoice.file_id, invoice.version)
    work = announcement_key(invoice.portal, *file, invoice.created_at)
    old = released.announcement_key(ports.host, *file) if ports.ledger.upgraded() else None

    left_s = _counting_down(ports.clock)
    mail = _unless_none_leaves(ports.mail, left_s)

    def by_mail(recipient: str) -> Delivery:
        return Delivery(
            recipient,
            f"{work}:{recipient.lower()}",
            old and f"{old}:{recipient.lower()}",
            lambda key: mail(recipient, said, key=key, correlation_id=correlation_id),
        )

    def by_channel(channel: Channel) -> Delivery:
        def send(_key: str) -> None:
            left_s()
            channel.send(in_chat)

        return Delivery(channel.id, f"{work}:{channel.id}", old and f"{old}:{channel.id}", send)

    return [*map(by_mail, invoice.recipients), *map(by_channel, channels)]


def _counting_down(clock: Callable[[], float]) -> Callable[[], float]:
    """How much of MESSAGE_S is left, counted from here; TransientError where it is too little for another."""
    until = clock() + MESSAGE_S

    def left_s() -> float:
        left_s = until - clock()
        if left_s < EACH_S:
            raise TransientError("no time was left: those before took too long", code=Code.OUT_OF_TIME)
        return left_s

    return left_s


def _unless_none_leaves(mail: MailSender, left_s: Callable[[], float]) -> Callable[..., None]:
    """What the server said of every mail is said of the other recipients too: each try may take a minute."""
    said: list[NoMailNowError] = []

    def send(recipient: str, announcement: Announcement, *, key: str, correlation_id: str) -> None:
        if said:
            raise said[0].again()
        try:
            mail.send(recipient, announcement, key=key, correlation_id=correlation_id, within_s=left_s())
        except NoMailNowError as error:
            said.append(error)
            raise

    return send


def _deliver(delivery: Delivery, invoice: InvoiceFiled, message: Message, ledger: Ledger) -> Told | NotYet | Never:
    found = _deliver_as(delivery.key, delivery, invoice, message, ledger)
    if message.override and isinstance(found, Told) and found.by != message.work_id:
        again = dataclasses.replace(delivery, released=None)
        return _deliver_as(f"{delivery.key}:{message.override}", again, invoice, message, ledger)
    return found


def _deliver_as(
    key: str, delivery: Delivery, invoice: InvoiceFiled, message: Message, ledger: Ledger
) -> Told | NotYet | Never:
    claim = ledger.claim(key, LEASE_S)
    match claim:
        case Done(by):
            return Told(by)
        case Held():
            return NotYet("another worker is at it", Code.AT_WORK, elsewhere=True)
        case Won():
            reached(CrashPoint.MAIL_CLAIMED)
            with ledger.holding(key, claim, LEASE_S):
                return _unless_told_before(key, claim, delivery, invoice, message=message, ledger=ledger)
        case _:
            assert_never(claim)


def _unless_told_before(
    key: str, claim: Won, delivery: Delivery, invoice: InvoiceFiled, *, message: Message, ledger: Ledger
) -> Told | NotYet | Never:
    """By the first released version, whose key may have been another file's."""
    if delivery.released is None:
        return _send([(key, claim)], delivery, message, ledger)
    old = ledger.claim(delivery.released, LEASE_S)
    match old:
        case Done(by, at) if released.is_same_file(invoice.created_at or invoice.uploaded_at, None, at):
            ledger.complete(key, by)
            return Told(by)
        case Done():
            return _send([(key, claim)], delivery, message, ledger)
        case Held():
            ledger.release(key, claim.token)
            return NotYet("another worker is at it", Code.AT_WORK, elsewhere=True)
        case Won():
            with ledger.holding(delivery.released, old, LEASE_S):
                return _send([(key, claim), (delivery.released, old)], delivery, message, ledger)
        case _:
            assert_never(old)


def _send(
    claims: list[tuple[str, Won]], delivery: Delivery, message: Message, ledger: Ledger
) -> Told | NotYet | Never:
    """Under the first of the claims; all are completed, or released. An unexpected error concerns no other."""
    key, _ = claims[0]
    with contextlib.ExitStack() as unless_sent:
        unless_sent.callback(_release, claims, ledger)
        try:
            delivery.send(key)
        except TransientError as error:
            reached(CrashPoint.MAIL_REFUSED)
            return NotYet(str(error), error.code, error.retry_after_s)
        except PermanentError as error:
            return Never(str(error), error.code)
        except Exception as error:
            log.exception("delivery.failed", to=delivery.name, message_id=message.message_id)
            return NotYet(f"unexpected {type(error).__name__}: {error}", Code.UNEXPECTED)
        unless_sent.pop_all()  # held until it is recorded
    reached(CrashPoint.MAIL_ACCEPTED)
    for name, _ in claims:
        ledger.complete(name, message.work_id)
    reached(CrashPoint.MAIL_RECORDED)
    return Told(message.work_id)


def _release(claims: list[tuple[str, Won]], ledger: Ledger) -> None:
    """What cannot be released ends with its lease."""
    for key, claim in claims:
        with contextlib.suppress(TransientError):
            ledger.release(key, claim.token)


def _not_told(left: Mapping[str, NotYet | Never]) -> str:
    return "not told: " + "; ".join(f"{name} ({why.reason})" for name, why in left.items())
