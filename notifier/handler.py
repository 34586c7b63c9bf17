"""Tells everyone about a filed invoice, each once, and returns what became of it."""

import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from notifier.attempt import Attempt
from notifier.channels.channel import Channel
from notifier.claims import Found, NotYet, Once, Told
from notifier.text import ENGLISH, OtherTemplates
from notifier.voice import Voices
from shared.errors import PermanentError
from shared.store.ledger import Ledger
from shared.text.codes import Code
from shared.wire.events import InvoiceAnnounced, InvoiceFiled, decode
from shared.wire.message import Message
from shared.wire.outcome import Dead, Forward, Outcome, Retry, Skip, about


@dataclass(frozen=True, slots=True)
class Ports:
    host: str
    """The portal's host; the claims of the first released version are named after it."""
    ledger: Ledger
    channels: Callable[[InvoiceFiled], tuple[Channel, ...]]
    """The channels on which an invoice is told."""
    voices: Voices = lambda _invoice, _address: ENGLISH
    own: OtherTemplates | None = None
    """Templates that come before ours."""
    clock: Callable[[], float] = time.monotonic


def handle(message: Message, ports: Ports) -> Outcome:
    """Repeating is safe: nobody who was told is told again. TransientError if the ledger cannot be reached."""
    try:
        invoice = decode(message.body, InvoiceFiled)
    except PermanentError as error:
        return Dead(str(error), error.code)
    channels = ports.channels(invoice)
    if not channels:
        reason = f'nobody to tell: no recipient, and the rule "{invoice.rule}" has no channel here'
        return Dead(reason, Code.NOBODY_TO_TELL)
    attempt = Attempt(
        invoice,
        message.correlation_id,
        ports.clock,
        channels=channels,
        voice_of=functools.partial(ports.voices, invoice),
        own=ports.own,
    )
    once = Once(message, invoice, attempt, ports.ledger, ports.host)
    found = {channel.name: once.tell(channel) for channel in channels}
    return _not_all_told(found) or _all_told(found, message, invoice, channels)


def _not_all_told(found: Mapping[str, Found]) -> Retry | Dead | None:
    """The outcome of those who were not told. None if everyone was told."""
    left = {name: why for name, why in found.items() if not isinstance(why, Told)}
    if not left:
        return None
    reason = "not told: " + "; ".join(f"{name} ({why.reason})" for name, why in left.items())
    waiting = [why for why in left.values() if isinstance(why, NotYet)]
    if not waiting:
        return Dead(reason, next(why.code for why in left.values()))
    # before Dead: as a dead letter, the others would wait for a person too
    floors = [why.wait_s for why in waiting if why.wait_s is not None]
    elsewhere = all(why.elsewhere for why in waiting)
    code = next((why.code for why in waiting if not why.elsewhere), Code.AT_WORK)
    return Retry(reason, code, max(floors, default=None), untried=elsewhere, ages=not elsewhere)


def _all_told(
    found: Mapping[str, Found], message: Message, invoice: InvoiceFiled, channels: tuple[Channel, ...]
) -> Forward | Skip:
    tellers = {told.by for told in found.values() if isinstance(told, Told)}
    if message.work_id not in tellers:
        reason = f"already announced, by the message {', '.join(sorted(tellers))}"
        return Skip(reason, Code.ALREADY_ANNOUNCED, about(invoice))
    return Forward(
        InvoiceAnnounced(
            portal=invoice.portal,
            file_id=invoice.file_id,
            version=invoice.version,
            title=invoice.title,
            rule=invoice.rule,
            recipients=invoice.recipients,
            channels=tuple(channel.scheme for channel in channels if channel.listed),
        )
    )
