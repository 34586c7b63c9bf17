"""Sends the message of a window that is due: all that waited for one recipient or channel, under one claim."""

from functools import partial

from notifier.attempt import Attempt
from notifier.claims import Claims, Told
from notifier.ports import Ports
from notifier.untold import not_all_told
from shared.announcing.channels.channel import Channel, Notice
from shared.announcing.digest import DigestTexts, Named
from shared.announcing.tellings import voice_of
from shared.announcing.text import Texts
from shared.errors import PermanentError
from shared.runtime.crash_points import CrashPoint, reached
from shared.store.outbox.window import State, Window
from shared.text.codes import Code
from shared.wire.events import DigestDue, DigestSent, InvoiceFiled, InvoiceRead, decode
from shared.wire.message import Message
from shared.wire.outcome import Dead, Forward, Outcome, Skip


def send_due(message: Message, ports: Ports) -> Outcome:
    """Repeating is safe: a window that was sent is not sent again. TransientError if a table cannot be reached."""
    try:
        due = decode(message.body, DigestDue)
    except PermanentError as error:
        return Dead(str(error), error.code)
    window = ports.windows.sending.shut(due.window)
    reached(CrashPoint.OUTBOX_CLOSED)
    if window is None or window.state is State.SENT or not window.items:
        return Skip("what waited there was told already", Code.ALREADY_ANNOUNCED)
    channel = ports.channels.at(window.scheme, window.name)
    if channel is None:
        return Dead(f"nobody to tell: no rule has the channel {window.name} any more", Code.NOBODY_TO_TELL)
    attempt = Attempt(partial(_notice, window, ports), ports.clock)
    found = Claims(message, attempt, ports.ledger).tell(f"digest:{window.id}", channel)
    if outcome := not_all_told({channel.name: found}):
        return outcome
    ports.windows.sending.sent(window.id)
    reached(CrashPoint.OUTBOX_SENT)
    if isinstance(found, Told) and found.by != message.work_id:
        return Skip(f"what waited there was told already, by the message {found.by}", Code.ALREADY_ANNOUNCED)
    return Forward(DigestSent(window=window.id, to=channel.name, count=len(window.items)))


def _notice(window: Window, ports: Ports, channel: Channel, key: str, within_s: float) -> Notice:
    named = [Named(decode(each.message.body, InvoiceRead), each.message.correlation_id) for each in window.items]
    first = named[0]
    voice = voice_of(ports.tellings(first.invoice.rule, channel.name))
    if len(named) == 1:
        texts = Texts(first.invoice, first.correlation_id, voice, _others(first.invoice, channel, ports), ports.own)
        return Notice((first.invoice,), texts, key, first.correlation_id, within_s)
    invoices = tuple(each.invoice for each in named)
    return Notice(invoices, DigestTexts(named, window.id, voice), key, window.id, within_s)


def _others(invoice: InvoiceFiled, channel: Channel, ports: Ports) -> list[str]:
    return [other.called for other in ports.channels(invoice) if other.id != channel.id]
