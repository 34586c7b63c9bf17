"""What a reader found in a file: the figures of an invoice, and where they come from.

What the file does not state is absent; nothing is computed from something else. Each fact names its business term
(BT) of EN 16931-1, the European standard of the semantic model. Amounts and dates are text, so that no figure loses
a digit on its way: amounts as decimals with a point (`"1190.00"`), dates as ISO 8601 (`"2026-11-13"`).
"""

from enum import StrEnum

import msgspec


class Source(StrEnum):
    """Where the facts come from. Those of `xml` and `pdf-xml` are stated; those of `pdf-text` are guessed."""

    XML = "xml"
    """A structured invoice by itself."""
    PDF_XML = "pdf-xml"
    """A structured invoice inside a PDF."""
    PDF_TEXT = "pdf-text"
    """The words on a PDF's pages."""
    NONE = "none"
    """Nothing was read, or what was read is no invoice."""


class Unread(StrEnum):
    """Why a file could not be read."""

    ENCRYPTED = "encrypted"
    """It asks for a password."""
    TOO_LARGE = "too-large"
    TOO_SLOW = "too-slow"
    """It took more time than a file is given, or nobody read it in time."""
    DAMAGED = "damaged"
    NO_TEXT = "no-text"
    """Its pages are pictures."""
    UNKNOWN_KIND = "unknown-kind"
    """It is neither a PDF nor a structured invoice of a known syntax."""
    REFUSED_XML = "refused-xml"
    """Its XML has what no invoice needs and an attack does: a DTD, too deep a tree, too much of it."""


class Kind(StrEnum):
    """What sort of document it is (BT-3)."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit-note"


class Party(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who sells, who buys, or who is paid."""

    name: str | None = None
    """BT-27 of the seller, BT-44 of the buyer, BT-59 of the payee."""
    vat_id: str | None = None
    """BT-31 of the seller, BT-48 of the buyer: without blanks, in capitals, with its country's letters."""
    tax_id: str | None = None
    """BT-32, of the seller: a number that is only known to its own country's tax office."""
    country: str | None = None
    """BT-40 of the seller, BT-55 of the buyer: two letters by ISO 3166-1."""


class Amounts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Decimals with a point, as stated, in the document's currency."""

    net: str | None = None
    """BT-109: without tax."""
    tax: str | None = None
    """BT-110: the tax."""
    total: str | None = None
    """BT-112: with tax."""
    prepaid: str | None = None
    """BT-113: what was paid before."""
    payable: str | None = None
    """BT-115: what is to be paid."""


class Odd(StrEnum):
    """What may be odd about an invoice."""

    IBAN_CHANGED = "iban.changed"
    """A supplier known from two earlier invoices asks for payment to an account that none of them named."""
    IBAN_INVALID = "iban.invalid"
    """An account number whose check digits are wrong."""
    PDF_DIFFERS = "pdf.differs"
    """Number, amount to pay or account of the structured invoice is not on the pages of the PDF around it."""
    DUPLICATE_NUMBER = "duplicate.number"
    """The supplier sent an invoice of this number before."""
    DUPLICATE_BYTES = "duplicate.bytes"
    """The very same file came before."""
    TOTALS_WRONG = "totals.wrong"
    """The amounts do not add up."""
    BUYER_OTHER = "buyer.other"
    """It is made out to somebody else than the invoices of this rule are."""
    VAT_ID_INVALID = "vat_id.invalid"
    """A VAT identification number of a form that its country does not have."""
    DUE_PAST = "due.past"
    """It was to be paid before it came."""
    DUE_SOON = "due.soon"
    """It is to be paid within days."""
    SEVERAL_INVOICES = "several_invoices"
    """The file holds more than one. The facts are those of the first."""


class Twin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The earlier upload that a duplicate repeats."""

    file_id: int | str
    """Its id when it was filed."""
    title: str
    """The file's name then."""
    web_url: str | None = None
    """Where a browser opened it."""
    at: str | None = None
    """When it was read: ISO 8601, UTC."""


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something odd about an invoice, for a person to look at."""

    code: Odd
    """What it is."""
    detail: str | None = None
    """What differs, with the values: `total 119.00, net and tax make 118.00`. An account is shortened to its last
    four characters."""
    twin: Twin | None = None
    """Of a duplicate: the earlier one."""


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was read of one file; at most 64 kB as JSON."""

    source: Source = Source.NONE
    """Where the facts come from."""
    unread: Unread | None = None
    """Why it could not be read."""
    syntax: str | None = None
    """Of a structured invoice: `CII`, `UBL`, `ZUGFeRD 1`, `FatturaPA`, `KSeF`, `Facturae`."""
    sha256: str | None = None
    """Of the file's bytes, as 64 hexadecimal digits."""
    pages: int | None = None
    """Of a PDF."""
    kind: Kind | None = None
    """BT-3; absent where nothing says that it is an invoice."""
    number: str | None = None
    """BT-1: the invoice's number."""
    issued: str | None = None
    """BT-2: its date."""
    due: str | None = None
    """BT-9: until when it is to be paid. Never computed from terms."""
    terms: str | None = None
    """BT-20: the terms of payment, as text."""
    currency: str | None = None
    """BT-5: three letters by ISO 4217."""
    amounts: Amounts = Amounts()
    """BT-109 to BT-115."""
    supplier: Party = Party()
    """The seller."""
    buyer: Party = Party()
    """The buyer."""
    payee: str | None = None
    """BT-59: who is paid, where that is not the seller."""
    buyer_reference: str | None = None
    """BT-10: what the buyer asked to be named, such as a Leitweg-ID."""
    order: str | None = None
    """BT-13: the number of the buyer's order."""
    ibans: tuple[str, ...] = ()
    """BT-84: accounts to pay to, without blanks, in capitals."""
    payment_reference: str | None = None
    """BT-83: what the payment is to name."""
    invoices: int | None = None
    """How many invoices the file holds, where it holds more than one. The facts are those of the first."""

    @property
    def stated(self) -> bool:
        """Whether the sender stated them for machines. Else they are guessed from words."""
        return self.source in (Source.XML, Source.PDF_XML)
