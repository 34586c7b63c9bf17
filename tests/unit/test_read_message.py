"""What was read of an invoice, as people are told it: in each language, with whatever is missing or hostile."""

from typing import Any

import msgspec
import pytest

from shared.announcing.read import REASONS, SENTENCES
from shared.announcing.text import announcement, chat_announcement
from shared.announcing.voice import Voice
from shared.text.languages import LANGUAGES
from shared.wire.events import InvoiceRead
from shared.wire.facts import Amounts, Facts, Finding, Kind, Odd, Party, Source, Twin, Unread
from tests.unit.test_text import Page, invoice

READ = Facts(
    source=Source.PDF_XML,
    kind=Kind.INVOICE,
    number="RE-77",
    due="2026-12-24",
    currency="EUR",
    amounts=Amounts(total="1190.00", payable="1090.50"),
    supplier=Party(name="Müller & Söhne GmbH"),
)


def read(facts: Facts | None = READ, *findings: Finding, **more: Any) -> InvoiceRead:
    filed = msgspec.structs.asdict(invoice(**more))
    return InvoiceRead(**filed, facts=facts, findings=findings)


def told(filed: InvoiceRead, language: str = "en") -> str:
    return announcement(filed, "5f0c8a52", Voice(language)).text


def test_who_how_much_and_until_when_is_told() -> None:
    text = told(read())
    for value in ("Müller & Söhne GmbH", "RE-77", "€1,090.50", "24 December 2026"):
        assert value in text
    assert "certain" not in text


@pytest.mark.parametrize(
    ("language", "amount", "day"),
    [("de", "1.090,50 €", "24. Dezember 2026"), ("fr", "1 090,50 €", "24 décembre 2026")],
)
def test_amount_and_day_are_written_as_the_reader_writes_them(language: str, amount: str, day: str) -> None:
    text = told(read(), language)
    assert amount in text
    assert day in text


def test_what_was_guessed_says_so_at_each_value() -> None:
    text = told(read(msgspec.structs.replace(READ, source=Source.PDF_TEXT)))
    assert text.count("read from the page, not certain") == 4


def test_nothing_is_said_where_nobody_read_it() -> None:
    assert told(read(None)) == announcement(invoice(), "5f0c8a52").text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("why", Unread)
def test_each_reason_why_it_was_not_read_is_told(why: Unread, language: str) -> None:
    assert Voice(language).say(REASONS[why]) in told(read(Facts(unread=why)), language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", Odd)
def test_each_finding_is_a_sentence_with_its_detail_before_all_else(code: Odd, language: str) -> None:
    text = told(read(READ, Finding(code=code, detail="…3000")), language)
    sentence = Voice(language).say(SENTENCES[code]) % {"detail": "…3000"}
    assert sentence in text
    assert text.index(sentence) < text.index("RE-77")
    assert "%(" not in text


def test_what_may_cost_money_is_told_in_the_subject() -> None:
    def subject(code: Odd) -> str:
        return announcement(read(READ, Finding(code=code, detail="x")), "5f0c8a52").subject

    assert subject(Odd.IBAN_INVALID).endswith("(check before paying)")
    assert "check" not in subject(Odd.DUE_SOON)


def test_a_twin_is_named() -> None:
    twin = Finding(code=Odd.DUPLICATE_NUMBER, twin=Twin(file_id=7, title="Invoice of May.pdf"))
    assert "an invoice of this number before: Invoice of May.pdf." in told(read(READ, twin))


def test_text_of_the_file_is_obeyed_nowhere() -> None:
    hostile = "<b>x</b>\r\nBcc: @everyone *bold* %(detail)s"
    facts = msgspec.structs.replace(READ, number=hostile, supplier=Party(name=hostile), currency="XXX")
    filed = read(facts, Finding(code=Odd.TOTALS_WRONG, detail=hostile))
    mail, chat = (make(filed, "5f0c8a52") for make in (announcement, chat_announcement))
    assert "<b>" not in mail.html
    assert "\nBcc" not in mail.text + mail.subject + chat.text
    assert "@everyone" not in chat.text
    assert Page(mail.html).links == Page(announcement(read(), "5f0c8a52").html).links


@pytest.mark.parametrize("missing", ["number", "due", "currency", "supplier", "amounts", "kind"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fact_that_is_not_stated_leaves_no_trace(language: str, missing: str) -> None:
    empty: dict[str, Any] = {"supplier": Party(), "amounts": Amounts()}
    text = told(read(msgspec.structs.replace(READ, **{missing: empty.get(missing)})), language)
    assert "None" not in text
    assert ": \n" not in text
