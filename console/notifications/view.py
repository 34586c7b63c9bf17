"""What waits, and what a test came to, as a person or a program reads them. Pure; a program's times are UTC."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from console.history.dates import clock
from console.notifications.trial import Answer
from console.terminal.duration import age, short_age
from shared.store.outbox.window import Item, State, Waiting
from shared.text.outside import cell
from shared.wire.events import InvoiceFiled, InvoiceRead, decode

SHORT_ID = 8


def lines(waiting: Sequence[Waiting], now: float) -> Iterator[str]:
    """One for each message: its id, when it goes, to whom, how many it names, since when the oldest waits."""
    for each in waiting:
        named = "1 invoice" if each.count == 1 else f"{each.count} invoices"
        yield cell(
            f"{each.id[:SHORT_ID]}  {when(each, now)}  {each.name}  {named}, "
            f"the oldest for {age(max(0.0, now - each.oldest_at))}"
        )


def when(each: Waiting, now: float) -> str:
    if each.state is State.CLOSED:
        return f"being sent, due for {short_age(now - each.due_at)}"
    if each.due_at <= now:
        return f"due for {short_age(now - each.due_at)}"
    return f"at {clock(each.due_at, now)}, in {short_age(each.due_at - now)}"


def item_lines(items: Sequence[Item], now: float) -> Iterator[str]:
    for item in items:
        invoice = _filed(item)
        room = f" ({invoice.room_title})" if invoice.room_title else ""
        yield cell(
            f'{item.message.correlation_id[:SHORT_ID]}  "{invoice.title}"{room}, since {clock(item.at, now)}'
        )


def answer_lines(answer: Answer) -> Iterator[str]:
    told = f"did not take it: {answer.fault}" if answer.fault else "took it"
    yield cell(f"{'✗' if answer.fault else '✓'} {answer.to} {told}")
    yield cell(f"  {answer.subject} (upload {answer.upload[:SHORT_ID]}, language {answer.language})")
    if answer.templates:
        yield cell(f"! {answer.templates}")


def record(each: Waiting) -> dict[str, Any]:
    return asdict(each) | {"due_at": _utc(each.due_at), "oldest_at": _utc(each.oldest_at)}


def item_record(item: Item) -> dict[str, Any]:
    invoice = _filed(item)
    return {
        "upload": item.message.correlation_id,
        "title": invoice.title,
        "room_title": invoice.room_title,
        "rule": invoice.rule,
        "waits_since": _utc(item.at),
    }


def answer_record(answer: Answer) -> dict[str, Any]:
    return asdict(answer) | {"ok": not answer.fault}


def _filed(item: Item) -> InvoiceFiled:
    return decode(item.message.body, InvoiceRead)


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
