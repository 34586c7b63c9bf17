"""Tells everyone about a filed invoice, each once, at once or later, and returns what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from notifier.attempt import Attempt
from notifier.claims import Found, Joined, Told
from notifier.once import Once
from notifier.outbox.due import send_due
from notifier.ports import Ports
from notifier.untold import not_all_told
from shared.announcing.channels.channel import Channel, Notice
from shared.announcing.tellings import voice_of
from shared.announcing.text import Texts
from shared.errors import PermanentError
from shared.text.codes import Code
from shared.wire.events import (
    DigestDue,
    InvoiceAnnounced,
    InvoiceFiled,
    InvoiceRead,
    NotificationWaiting,
    decode,
    encode,
)
from shared.wire.message import Message
from shared.wire.outcome import Dead, Forward, Outcome, Skip, about


def handle(message: Message, ports: Ports) -> Outcome:
    """Repeating is safe: nobody who was told is told again. TransientError if the ledger cannot be reached."""
    if message.type == DigestDue.routing_key:
        return send_due(message, ports)
    try:
        invoice = decode(message.body, InvoiceRead)
    except PermanentError as error:
        return Dead(str(error), error.code)
    channels = ports.channels(invoice)
    if not channels:
        reason = f'nobody to tell: no recipient, and the rule "{invoice.rule}" has no channel here'
        return Dead(reason, Code.NOBODY_TO_TELL)
    attempt = Attempt(_Notices(message, invoice, channels, ports), ports.clock)
    once = Once(message, invoice, attempt, ports)
    found = {channel: once.tell(channel) for channel in channels}
    untold = not_all_told({channel.name: each for channel, each in found.items()})
    return untold or _all_told_or_waiting(found, message, invoice, ports)


@dataclass(frozen=True, slots=True)
class _Notices:
    message: Message
    invoice: InvoiceFiled
    channels: tuple[Channel, ...]
    """All that are told of it, as each is told who else is."""
    ports: Ports

    def __call__(self, channel: Channel, key: str, within_s: float) -> Notice:
        voice = voice_of(self.ports.tellings(self.invoice.rule, channel.name))
        others = [other.called for other in self.channels if other.id != channel.id]
        correlation_id = self.message.correlation_id
        texts = Texts(self.invoice, correlation_id, voice, others, self.ports.own)
        return Notice((self.invoice,), texts, key, correlation_id, within_s)


def _all_told_or_waiting(
    found: Mapping[Channel, Found], message: Message, invoice: InvoiceFiled, ports: Ports
) -> Forward | Skip:
    announced = _announced(invoice, tuple(found))
    works = {each.work for each in found.values() if isinstance(each, Joined)}
    until: dict[str, float] = {}
    for work in works:
        until |= ports.windows.joining.left(work, encode(announced))
    by = {each.by for each in found.values() if isinstance(each, Told | Joined)}
    if message.work_id in by:
        return Forward(_waiting(invoice, tuple(found), until) if until else announced)
    those = ", ".join(sorted(by))
    if until:
        return Skip(f"it waits to be told, by the message {those}", Code.WAITS_FOR_HOUR, about(invoice))
    return Skip(f"already announced, by the message {those}", Code.ALREADY_ANNOUNCED, about(invoice))


def _announced(invoice: InvoiceFiled, channels: tuple[Channel, ...]) -> InvoiceAnnounced:
    return InvoiceAnnounced(
        portal=invoice.portal,
        file_id=invoice.file_id,
        version=invoice.version,
        title=invoice.title,
        rule=invoice.rule,
        room_id=invoice.room_id,
        recipients=invoice.recipients,
        channels=tuple(channel.scheme for channel in channels if channel.listed),
    )


def _waiting(
    invoice: InvoiceFiled, channels: tuple[Channel, ...], until: Mapping[str, float]
) -> NotificationWaiting:
    later = [channel for channel in channels if channel.id in until]
    return NotificationWaiting(
        portal=invoice.portal,
        file_id=invoice.file_id,
        version=invoice.version,
        title=invoice.title,
        rule=invoice.rule,
        until=max(until.values()),
        recipients=tuple(channel.address for channel in later if not channel.listed),
        channels=tuple(channel.scheme for channel in later if channel.listed),
    )
