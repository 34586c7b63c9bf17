"""Reads a filed invoice and passes it on with what it says. Nothing here holds an invoice back or makes it wait."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from reader.findings import found
from shared.docspace.errors import TooLargeError
from shared.errors import IntakeError, PermanentError
from shared.wire.events import EntryId, InvoiceFiled, InvoiceRead, decode
from shared.wire.facts import Facts, Unread
from shared.wire.message import Message
from shared.wire.outcome import Dead, Forward, Outcome

MOST_BYTES = 25_000_000
"""The largest file that is read. Of the invoices in public collections none has 5 MB."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ports:
    """What a handler works with."""

    content: Callable[[EntryId, int], bytes]
    """The bytes of a file, at most so many: TooLargeError, or another IntakeError if they cannot be had now."""
    read: Callable[[bytes], Facts]
    """In a process of its own, within seconds. It raises nothing for what the bytes are."""
    today: Callable[[], dt.date] = lambda: dt.datetime.now(dt.UTC).date()


def handle(message: Message, ports: Ports) -> Outcome:
    """Repeating is safe: whoever is told of an invoice is told once."""
    try:
        invoice = decode(message.body, InvoiceFiled)
    except PermanentError as error:
        return Dead(str(error), error.code)
    told = {name: getattr(invoice, name) for name in InvoiceFiled.__struct_fields__}
    facts = _facts(invoice, ports)
    findings = found(facts, ports.today()) if facts else ()
    return Forward(InvoiceRead(**told, facts=facts, findings=findings))


def _facts(invoice: InvoiceFiled, ports: Ports) -> Facts | None:
    """None: nobody could read it, whatever the cause. It is told of without them, and that is not worth a wait."""
    try:
        facts = ports.read(ports.content(invoice.file_id, MOST_BYTES))
    except TooLargeError:
        facts = Facts(unread=Unread.TOO_LARGE)
    except IntakeError as error:
        log.warning("file.not_read", file_id=invoice.file_id, reason=str(error))
        return None
    except Exception:
        log.exception("file.not_read", file_id=invoice.file_id)
        return None
    log.info("file.read", file_id=invoice.file_id, source=facts.source, unread=facts.unread, syntax=facts.syntax)
    return facts
