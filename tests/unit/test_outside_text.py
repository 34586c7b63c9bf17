"""Hostile text: each place is given what it can hold, and the rest of the work goes on."""

import json

import pika
import pytest
from pika.spec import Basic

from ingress.webhook import received
from shared.amqp.client import codec
from shared.announcing.text import chat_announcement
from shared.announcing.voice import Voice
from shared.docspace.payload import parse
from shared.errors import PermanentError
from shared.rules.titles import title_test
from shared.text.languages import LANGUAGES
from shared.text.outside import cell, cut, for_chat, harmless, identifier, one_line, storable
from shared.text.reading import loads
from shared.wire.events import InvoiceFiled, decode
from shared.wire.stages import UNREADABLE

HOSTILE = {
    "ESC": "Invoice \x1b]0;owned\x07.pdf",
    "C1": "Invoice \x9b31m.pdf",
    "bidi": "Invoice \u202egpj.exe",
    "NUL": "Invoice\0.pdf",
    "half a surrogate pair": "Invoice \ud83d.pdf",
    "4,000 letters": "Invoice " + "й" * 4_000,
    "mentions": "Invoice @everyone <!channel> <@U1>",
    "markup": "Invoice <b>[pay](https://evil.example)</b> <https://evil.example|pay> www.evil.example",
    "BOM": "\ufeffInvoice.pdf",
    "line feed": "Invoice\nfile 7  filed",
    "U+0001": "\x01Invoice.pdf",
    "a dot": "noext.",
}
DEEP = b"[" * 100_000 + b"]" * 100_000
OBEYED = ("@everyone", "<", ">", "](", "://", "www.")

each_title = pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)


@each_title
def test_a_terminal_obeys_nothing_and_a_title_stays_on_its_line(title):
    assert all(char.isprintable() or char in "\n\t" for char in harmless(title))
    assert cell(title).isprintable()


@each_title
def test_a_row_takes_it_whole_or_cut_and_an_id_stays_one(title):
    kept = storable(title)
    assert "\0" not in kept
    assert len(kept.encode()) <= 4_000
    name = identifier(title)
    assert name.isprintable()
    assert len(name.encode()) <= 1_000
    assert identifier(name) == name
    assert identifier(title + "\0") != identifier(title + "\x01") != identifier(title)


@each_title
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chat_obeys_nothing_of_a_title_a_name_a_room_or_a_folder(title, language):
    invoice = InvoiceFiled(
        file_id=1,
        source_file_id=1,
        version=1,
        destination=2,
        recipients=(),
        title=title,
        rule=title,
        room_title=title,
        uploaded_by=title,
        uploaded_at=title,
        destination_path=(title, title),
        namesakes=(title,),
        web_url="https://portal.example/doceditor?fileid=1",
        folder_url="https://portal.example/rooms/shared/2/filter?folder=2",
    )
    told = chat_announcement(invoice, title, Voice(language), (title, title))
    text = told.subject + told.text
    for link in (invoice.web_url, invoice.folder_url):
        assert text.count(f": {link}\n") == 1
        text = text.replace(f": {link}\n", "\n")
    assert not [sign for sign in OBEYED if sign in text]
    assert one_line(told.subject) == told.subject


@each_title
def test_a_webhook_with_it_is_read_and_a_half_pair_is_replaced(title):
    body = json.dumps({"event": {"trigger": "file.uploaded", "id": title}, "payload": {"id": 7, "title": title}})
    message = received(body.encode(), 1)
    assert message.type == "webhook.file.uploaded"
    webhook = parse(message.body)
    assert webhook.entry.title == title.replace("\ud83d", "\ufffd")


@each_title
def test_a_trigger_that_is_no_word_makes_the_webhook_unreadable(title):
    trigger = f"{title}\0"
    assert received(json.dumps({"event": {"trigger": trigger}}).encode(), 1).type == UNREADABLE


@pytest.mark.parametrize("body", [DEEP, b'{"event": {"trigger": "file.uploaded"}, "payload": ' + DEEP + b"}"])
def test_json_nested_without_end_is_a_decode_error_like_any_other(body):
    assert received(body, 1).type == UNREADABLE
    for read in (parse, lambda raw: decode(raw, InvoiceFiled)):
        with pytest.raises(PermanentError):
            read(body)
    with pytest.raises(ValueError, match="nested too deep"):
        loads(body)


def test_an_escaped_backslash_before_ud_is_no_half_pair():
    assert loads(b'["\\\\ud83d", "\\ud83d\\ude00", "\\ud83d"]') == ["\\ud83d", "😀", "\ufffd"]


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 10**30, -1, True, "3", None, 1e300])
def test_a_foreign_number_that_none_of_ours_could_be_is_ignored(value):
    names = ("attempt", "first_failed_at_ms", "waited_ms", "not_before_ms", "x-delivery-count")
    props = pika.BasicProperties(headers=dict.fromkeys(names, value))
    found = codec.message(Basic.Deliver(routing_key="webhook.file.uploaded"), props, b"{}")
    assert (found.attempt, found.first_failed_at, found.waited_s, found.not_before) == (1, None, 0.0, None)
    assert found.delivery_count == 0


def test_cutting_keeps_whole_letters_and_says_that_it_cut():
    assert cut("й" * 10, 20) == "й" * 10
    assert cut("й" * 11, 20) == "й" * 8 + "…"
    assert for_chat("Invoice 7.pdf") == "Invoice 7.pdf"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        (
            "*b* **i** `c` ~~s~~.pdf",
            "\u2217b\u2217 \u2217\u2217i\u2217\u2217 \u02cbc\u02cb \u223c\u223cs\u223c\u223c.pdf",
        ),
        ("_all_ __init__", "\uff3fall\uff3f \uff3f\uff3finit\uff3f\uff3f"),
        ("||hidden||", "|\u200b|hidden|\u200b|"),
        ("~town-square", "\u223ctown-square"),
        ("#room:example.org", "#\u200broom:example.org"),
        ("## Paid already", "\uff03\uff03 Paid already"),
    ],
)
def test_markup_of_a_chat_is_shown_and_not_obeyed(title, shown):
    assert for_chat(title) == shown


@pytest.mark.parametrize("title", ["Invoice_2026_11.pdf", "Invoice #4711.pdf", "A | B.pdf", "5 - 3 = 2.pdf"])
def test_what_no_chat_obeys_stays_as_it_is(title):
    assert for_chat(title) == title


@pytest.mark.parametrize(
    ("pattern", "title"),
    [
        ("regex:^invoice$", "Invoice."),
        ("glob:*rechnung", "Meine Rechnung."),
        ("glob:noext.", "noext."),
        ("invoice", "\x01Invoice.pdf"),
        ("invoice", "\ufeffinvoice.pdf"),
    ],
)
def test_a_dot_that_the_portal_puts_at_a_names_end_is_seen_past(pattern, title):
    assert title_test(pattern).matches(title)


def test_a_dot_behind_an_extension_is_the_names_own():
    assert not title_test("glob:*.pdf").matches("invoice.pdf.")
