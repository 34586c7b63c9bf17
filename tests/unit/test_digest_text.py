"""One message about several invoices: each of them by client, in the reader's language, and nothing is obeyed."""

import re
from datetime import UTC, datetime

import pytest

from shared.announcing.digest import DigestTexts, Named
from shared.announcing.facts import SUBJECT_CHARS
from shared.announcing.voice import Voice
from shared.smtp.letter import letter
from shared.smtp.mailbox import mailbox
from shared.text.languages import LANGUAGES
from tests.unit.test_languages import LONGEST, used
from tests.unit.test_text import BARE, DOWNLOAD, FILE, FOLDER, Page, invoice

WINDOW = "5f0c8a52-6a4e-5d0b-9c65-2f1d3c0f7a11"


def digest(*invoices, language: str = "en") -> DigestTexts:
    named = [Named(each, f"upload-{number}") for number, each in enumerate(invoices)]
    return DigestTexts(named, WINDOW, Voice(language, "Europe/Berlin"))


def test_of_one_client_the_subject_says_whose_they_are_and_of_several_how_many():
    acme, globex = invoice(), invoice(room_title="Globex")
    assert digest(acme, acme, acme).full.subject == "ACME Ltd: 3 invoices"
    assert digest(acme, globex, acme, globex).full.subject == "4 invoices of 2 clients"
    assert digest(BARE, BARE).full.subject == "2 invoices"
    assert digest(BARE, acme).full.subject == "2 invoices of 2 clients"


def test_each_invoice_stands_below_its_client_with_folder_link_and_time():
    titles = [f"Invoice {number}.pdf" for number in range(4)]
    rooms = ["ACME Ltd", "Globex", "ACME Ltd", "Globex"]
    texts = digest(*(invoice(title=title, room_title=room) for title, room in zip(titles, rooms, strict=True)))
    order = ["ACME Ltd", titles[0], titles[2], "Globex", titles[1], titles[3]]
    for body in (texts.full.text.partition("\n")[2], Page(texts.full.html).text.partition("folders already")[2]):
        places = [body.index(each) for each in order]
        assert places == sorted(places)
        assert body.count("Accounting / Incoming") == 4
        assert body.count("24 November 2026, 19:19 CET") == 4
        assert body.rstrip().endswith("Reference: 5f0c8a52")
    assert texts.full.text.count(f"  {FILE}\n") == 4
    assert Page(texts.full.html).links == [FILE] * 4


def test_where_a_file_only_downloads_the_link_opens_its_folder():
    texts = digest(
        invoice(web_url=DOWNLOAD),
        invoice(web_url=DOWNLOAD, folder_url=None),
        invoice(web_url=None, folder_url=None),
    )
    assert Page(texts.full.html).links == [FOLDER, DOWNLOAD]
    assert re.findall(r"https://\S+", texts.full.text) == [FOLDER, DOWNLOAD]


def test_a_namesake_and_the_rules_are_told():
    texts = digest(invoice(namesakes=(12,)), invoice(rule="globex"), invoice())
    for body in (texts.full.text, Page(texts.full.html).text):
        assert body.count("another file of this name lies there too") == 1
        assert "Sent because of the rules: acme, globex." in body


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_whole_in_each_language_with_the_longest_titles(language):
    texts = digest(
        *(invoice(title=LONGEST, room_title=f"{number} {LONGEST}") for number in range(500)), language=language
    )
    one_client = digest(*(invoice(title=LONGEST, room_title=LONGEST) for _ in range(2)), language=language)
    say = Voice(language).say
    left = {phrase for phrase in used() if language != "en" and say(phrase) != phrase}
    for each in (texts, one_client):
        page = Page(each.full.html)
        seen = page.text
        for body in (each.full.text, seen, each.for_chat.text):
            assert LONGEST in body
            assert "%(" not in body
            assert "19:19" in body
        assert len(each.full.subject) <= SUBJECT_CHARS
        assert "\n\n\n" not in each.full.text
        there = [phrase for phrase in left if phrase in seen]
        assert [phrase for phrase in there if re.search(rf"\b{re.escape(phrase)}\b", seen)] == []
    assert f'<html lang="{language}">' in texts.full.html
    assert "500" in texts.full.subject


@pytest.mark.parametrize(
    "title", ["<b>bold</b>", "@everyone", "a\r\nBcc: eve@example.com", "{{ rule }}", "\u202egpj.exe"]
)
def test_no_title_is_obeyed(title):
    texts = digest(invoice(title=title), invoice(room_title=title))
    assert "<b>" not in texts.full.html
    assert "{{" not in texts.full.html or title.startswith("{{")
    assert "@everyone" not in texts.for_chat.text
    assert "\u202e" not in texts.full.text + texts.full.html
    mail = letter(
        texts.full, sender=mailbox("invoices@example.com"), recipient="anna@example.com", key="digest:1",
        correlation_id=WINDOW, now=datetime(2026, 11, 24, tzinfo=UTC),
    )  # fmt: skip
    assert b"\r\nBcc:" not in mail.content
