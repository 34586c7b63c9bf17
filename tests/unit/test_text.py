"""What the announcement says, and that no title can break it."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from notifier.letter import letter
from notifier.text import SUBJECT_CHARS, announcement
from shared.smtp.mailbox import mailbox
from shared.text.outside import one_line
from shared.wire.events import InvoiceFiled


def invoice(**changes) -> InvoiceFiled:
    facts = {
        "file_id": 77,
        "source_file_id": 42,
        "version": 3,
        "title": "Invoice 2026-118.pdf",
        "rule": "acme",
        "destination": 900,
        "recipients": ("manager@example.com",),
        "web_url": "https://portal.example.com/doceditor?fileId=77",
        "room_id": 12,
        "room_title": "ACME Ltd",
        "uploaded_by": "Anna Client",
        "uploaded_at": "2026-11-24T20:19:30.1234567+02:00",
    }
    return InvoiceFiled(**{**facts, **changes})


class Page(HTMLParser):
    """Collects what a reader of the HTML would see, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.links: list[str | None] = []
        self.tags: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "a":
            self.links.append(dict(attrs).get("href"))

    def handle_data(self, data):
        self.seen.append(data)

    @property
    def text(self) -> str:
        return "".join(self.seen)


def test_both_bodies_carry_every_fact():
    said = announcement(invoice(), "corr-1")
    page = Page(said.html)
    for body in (said.text, page.text):
        for fact in (
            *("Invoice 2026-118.pdf", "Anna Client", "2026-11-24 18:19 UTC", "ACME Ltd"),
            *("folder 900", "file 77", "version 3", "acme", "corr-1"),
        ):
            assert fact in body
    assert "https://portal.example.com/doceditor?fileId=77" in said.text
    assert page.links == ["https://portal.example.com/doceditor?fileId=77"]
    assert said.subject == "Invoice filed: Invoice 2026-118.pdf"


def test_a_file_of_the_same_name_is_said_in_both_bodies_and_in_the_subject():
    said = announcement(invoice(namesakes=(12, 15)), "corr-1")
    for body in (said.text, Page(said.html).text):
        assert "another file of this name lies there too: file 12, 15" in body
    assert said.subject == "Invoice filed: Invoice 2026-118.pdf (same name as file 12)"


def test_the_longest_title_leaves_room_in_the_subject_for_what_tells_it_from_another():
    subject = announcement(invoice(title="x" * 400, namesakes=(12,)), "corr-1").subject
    assert subject.endswith("x… (same name as file 12)")
    assert len(subject) == SUBJECT_CHARS


def test_a_namesake_whose_id_is_a_path_is_not_spelt_out_in_the_subject():
    subject = announcement(invoice(namesakes=("sbox-1-|Invoice.pdf",)), "corr-1").subject
    assert subject == "Invoice filed: Invoice 2026-118.pdf (same name as another file)"


def test_a_fact_that_is_not_known_leaves_no_empty_line_label():
    bare = invoice(web_url=None, room_id=None, room_title=None, uploaded_by=None, uploaded_at=None)
    said = announcement(bare, "corr-1")
    for body in (said.text, said.html):
        for label in ("Uploaded", "Room", "Open", "None"):
            assert label not in body


def test_the_same_invoice_is_announced_in_the_same_words():
    assert announcement(invoice(), "corr-1") == announcement(invoice(), "corr-1")


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2026-11-24T18:19:30Z", "2026-11-24 18:19 UTC"),
        ("2026-11-24T18:19:30", "2026-11-24 18:19 UTC"),
        ("2026-11-24T23:59:30.0000000-02:00", "2026-11-25 01:59 UTC"),
        ("0001-01-01T00:00:00+02:00", "0001-01-01T00:00:00+02:00"),
        ("last Tuesday", "last Tuesday"),
    ],
)
def test_the_time_is_shown_in_utc_or_as_it_came(moment, shown):
    assert shown in announcement(invoice(uploaded_at=moment), "corr-1").text


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "https://a.example/\nBcc: x", "//a.example", 'https://a"b']
)
def test_what_is_no_web_address_becomes_no_link(url):
    said = announcement(invoice(web_url=url), "corr-1")
    assert Page(said.html).links == []
    assert "Open it" not in said.text


def test_html_in_a_title_is_shown_and_not_run():
    title = "<script>alert(1)</script><b>&amp;"
    page = Page(announcement(invoice(title=title, uploaded_by=title, room_title=title), title).html)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert page.text.count(title) == 5  # the page's title, the heading, who, where, and the correlation id


def test_a_title_cannot_begin_another_header_or_turn_the_reading_direction():
    said = announcement(invoice(title="Invoice\r\nBcc: thief@example.com\x00\u2028\u202efdp.exe"), "corr-1")
    assert said.subject == "Invoice filed: Invoice Bcc: thief@example.com fdp.exe"


def test_the_joiners_of_emoji_and_persian_stay():
    assert one_line("می\u200cروم 👩\u200d💻") == "می\u200cروم 👩\u200d💻"


def test_a_title_of_nothing_visible_is_untitled():
    assert announcement(invoice(title=" \r\n\t"), "corr-1").subject == "Invoice filed: Untitled"


ANY_TITLE = st.text(st.characters(), max_size=400)


@settings(max_examples=50, deadline=None)
@given(title=ANY_TITLE)
@example(title="=?utf-8?q?Invoice=0D=0ABcc:_x?=")
@example(title="Счёт " * 60)
@example(title='utf-8> ");= ?=utf-8B(?q?( 🧾\\a?))>= ?словословословослово>:["[?B"é:@"@=\\é"= ?🧾\\?q?Ba>я"@?=')
@example(title="\ud800 lone surrogate")
@example(title="a" * 400)
def test_any_title_makes_a_header_that_reads_back_as_the_subject(title):
    said = announcement(invoice(title=title), "corr-1")
    assert len(said.subject) <= SUBJECT_CHARS
    mail = letter(
        said,
        sender=mailbox("invoices@example.com"),
        recipient="manager@example.com",
        key="k",
        correlation_id="corr-1",
        now=datetime(2026, 11, 24, tzinfo=UTC),
    ).content
    assert mail.isascii()
    assert all(len(line) <= 78 for line in mail.partition(b"\r\n\r\n")[0].split(b"\r\n"))
    read = message_from_bytes(mail, policy=policy.default)
    assert read["Subject"] == said.subject
    assert sorted(read.keys()) == sorted(
        [
            *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Correlation-ID"),
            *("MIME-Version", "Content-Type"),
        ]
    )
    bodies = {part.get_content_subtype(): part.get_content().replace("\r\n", "\n") for part in read.iter_parts()}
    assert bodies == {"plain": said.text, "html": said.html}


@settings(max_examples=50, deadline=None)
@given(title=ANY_TITLE)
def test_any_title_is_shown_whole_in_the_html(title):
    page = Page(announcement(invoice(title=title), "corr-1").html)
    assert (one_line(title) or "Untitled") in page.text
    plain = Page(announcement(invoice(title="x"), "corr-1").html)
    assert page.tags == plain.tags
