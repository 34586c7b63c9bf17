"""What a message says of what was read of an invoice: what is odd first, then who, how much and until when. Pure.

Whatever was guessed from the words on a page says so.
"""

from collections.abc import Callable, Iterator

from shared.announcing.voice import Voice
from shared.wire.events import InvoiceFiled, InvoiceRead
from shared.wire.facts import Facts, Finding, Kind, Odd, Unread

Clean = Callable[[str], str]

BEFORE_PAYING = frozenset((Odd.IBAN_CHANGED, Odd.IBAN_INVALID, Odd.PDF_DIFFERS, Odd.TOTALS_WRONG)) | {
    Odd.DUPLICATE_NUMBER,
    Odd.DUPLICATE_BYTES,
}
"""What may cost money: the subject tells of it."""
SENTENCES = {
    Odd.IBAN_CHANGED: "It is to be paid to an account that no earlier invoice of this supplier named (%(detail)s).",
    Odd.IBAN_INVALID: "The account number ending in %(detail)s cannot be right: its check digits are wrong.",
    Odd.PDF_DIFFERS: "The data in the file and its pages differ: %(detail)s.",
    Odd.DUPLICATE_NUMBER: "The supplier sent an invoice of this number before: %(detail)s.",
    Odd.DUPLICATE_BYTES: "The very same file came before: %(detail)s.",
    Odd.TOTALS_WRONG: "The amounts do not add up: %(detail)s.",
    Odd.BUYER_OTHER: "It is made out to somebody else: %(detail)s.",
    Odd.VAT_ID_INVALID: "The VAT number %(detail)s cannot be right.",
    Odd.DUE_PAST: "It was to be paid by %(detail)s.",
    Odd.DUE_SOON: "It is to be paid soon, by %(detail)s.",
    Odd.SEVERAL_INVOICES: "The file holds %(detail)s invoices. Only the first was read.",
}
DAYS = frozenset((Odd.DUE_PAST, Odd.DUE_SOON))
"""Their detail is a day."""
REASONS = {
    Unread.ENCRYPTED: "the file is password-protected",
    Unread.TOO_LARGE: "the file is too large",
    Unread.TOO_SLOW: "it took too long",
    Unread.DAMAGED: "the file is damaged",
    Unread.NO_TEXT: "its pages are pictures",
    Unread.UNKNOWN_KIND: "files of this kind are not read",
    Unread.REFUSED_XML: "its XML could be an attack",
}


def rows_of(invoice: InvoiceFiled, voice: Voice, clean: Clean) -> list[tuple[str, str]]:
    """Label and value of each; none where nothing was read."""
    if not isinstance(invoice, InvoiceRead):
        return []
    facts = invoice.facts or Facts()
    odd = ((voice.say("Look at this"), _sentence(finding, voice, clean)) for finding in invoice.findings)
    return [*odd, *((label, value) for label, value in _facts(facts, voice, clean) if value)]


def is_to_be_checked(invoice: InvoiceFiled) -> bool:
    """Before it is paid."""
    return isinstance(invoice, InvoiceRead) and any(one.code in BEFORE_PAYING for one in invoice.findings)


def _facts(facts: Facts, voice: Voice, clean: Clean) -> Iterator[tuple[str, str]]:
    say, amounts = voice.say, facts.amounts
    if facts.unread:
        yield say("Not read"), say(REASONS[facts.unread])
        return
    guessed = "" if facts.stated else f" ({say('read from the page, not certain')})"
    payable = amounts.payable or amounts.total
    told = (
        (say("Kind"), say("Credit note") if facts.kind is Kind.CREDIT_NOTE else ""),
        (say("Supplier"), facts.supplier.name),
        (say("Invoice number"), facts.number),
        (say("To pay"), payable and voice.amount(payable, facts.currency)),
        (say("Due"), facts.due and voice.day(facts.due)),
    )
    for label, value in told:
        yield label, clean(value) + guessed if value else ""


def _sentence(finding: Finding, voice: Voice, clean: Clean) -> str:
    detail = finding.detail or ""
    if finding.code in DAYS:
        detail = voice.day(detail)
    if finding.twin:
        detail = finding.twin.title
    return voice.say(SENTENCES[finding.code]) % {"detail": clean(detail)}
