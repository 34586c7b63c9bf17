"""A file is known by its bytes and its root, in any encoding, and never raises."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.document import MAX_BYTES, read
from shared.wire.facts import Facts, Source, Unread
from tests.support.invoices.invoice import Invoice, Who
from tests.support.invoices.written import as_cii, as_ubl

UBL = as_ubl(Invoice(supplier=Who("Café Müller", "DE", "DE123456789")))


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("UTF-8", "utf-8"),
        ("UTF-8", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("UTF-16", "utf-16-be"),
        ("ISO-8859-1", "iso-8859-1"),
        ("ISO-8859-15", "iso-8859-15"),
        ("windows-1252", "cp1252"),
    ],
)
def test_xml_of_any_encoding(declared: str, encoding: str) -> None:
    text = UBL.decode().replace("UTF-8", declared)
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    facts = read((mark + text).encode(encoding))
    assert (facts.source, facts.supplier.name) == (Source.XML, "Café Müller")


@pytest.mark.parametrize("declared", ["nonsense-8", "utf-7", "shift_jis", "hex"])
def test_an_encoding_that_cannot_be_taken_is_damaged(declared: str) -> None:
    assert read(UBL.decode().replace("UTF-8", declared).encode()).unread is Unread.DAMAGED


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Invoice 17, total 100 EUR",
        b"PK\x03\x04 a spreadsheet",
        b"<!DOCTYPE html><html><body>Invoice</body></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<Invoice><ID>no namespace</ID></Invoice>",
        as_ubl(Invoice()).replace(b"xsd:Invoice-2", b"xsd:Order-2"),
    ],
)
def test_what_is_no_invoice_is_of_unknown_kind(content: bytes) -> None:
    assert read(content) == Facts(unread=Unread.UNKNOWN_KIND, sha256=sha256(content).hexdigest())


def test_the_hash_is_that_of_the_bytes() -> None:
    assert read(UBL).sha256 == sha256(UBL).hexdigest()


def test_a_file_over_the_limit_is_too_large() -> None:
    assert read(b"%PDF-1.7\n" + bytes(MAX_BYTES)).unread is Unread.TOO_LARGE


def test_an_invoice_without_anything_is_read_and_empty() -> None:
    facts = read(b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>')
    assert (facts.source, facts.number, facts.amounts.total, facts.ibans) == (Source.XML, None, None, ())


@given(st.binary(max_size=300), st.integers(0, 3_000), st.booleans())
def test_no_bytes_raise(noise: bytes, at: int, instead: bool) -> None:  # noqa: FBT001
    whole = as_cii(Invoice())
    facts = read(whole[:at] + noise + whole[at + len(noise) * instead :])
    assert (facts.unread is None) == facts.stated
