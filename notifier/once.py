"""Tells each channel of an invoice once, at once or later, and again where an operator wants that."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from notifier.attempt import Attempt
from notifier.claims import Claims, Found, Joined, Older, Told
from notifier.outbox.when import when
from notifier.ports import Ports
from shared.announcing.channels.channel import Channel
from shared.store import released
from shared.store.keys import announcement_key, overridden
from shared.store.ledger.rows import Claim
from shared.store.outbox.joining import Invoice, Place
from shared.wire.events import InvoiceFiled
from shared.wire.message import Message


class Once:
    """The claims of one message. Repeating is safe: nobody who was told is told again.

    TransientError if the ledger cannot be reached.
    """

    def __init__(self, message: Message, invoice: InvoiceFiled, attempt: Attempt, ports: Ports) -> None:
        self._message = message
        self._invoice = invoice
        self._claims = Claims(message, attempt, ports.ledger)
        self._joining = ports.windows.joining
        self._tellings = ports.tellings
        file = (invoice.source_file_id, invoice.file_id, invoice.version)
        self._work = announcement_key(invoice.portal, *file, invoice.created_at)
        self._released = released.announcement_key(ports.host, *file) if ports.ledger.upgraded() else None
        """None if no worker of the first version can have told anyone."""

    def tell(self, channel: Channel) -> Found:
        key, override = f"{self._work}:{channel.id}", self._message.override
        older = Older(f"{self._released}:{channel.id}", self._is_same) if self._released else None
        found = self._tell(key, self._work, channel, older)
        if override and isinstance(found, Told | Joined) and found.by != self._message.work_id:
            if isinstance(found, Joined) and self._joining.waits(channel.id, self._work):
                return found
            return self._tell(overridden(key, override), overridden(self._work, override), channel, None)
        return found

    def _tell(self, key: str, work: str, channel: Channel, older: Older | None) -> Found:
        found = self._claims.tell(key, channel, older, partial(self._join, work))
        return replace(found, work=work) if isinstance(found, Joined) else found

    def _join(self, work: str, channel: Channel, claims: Sequence[Claim], result: str) -> bool:
        at = when(self._tellings(self._invoice.rule, channel.name))
        if at is None:
            return False
        place = Place(channel.id, channel.scheme, channel.address)
        return self._joining.join(place, Invoice(work, self._message), at, claims, result) is not None

    def _is_same(self, at: float | None) -> bool:
        return released.is_same_file(self._invoice.created_at or self._invoice.uploaded_at, None, at)
