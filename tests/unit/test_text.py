"""What the announcement says, and that no title can break it."""

import json
import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.announcing.facts import CLIENT_CHARS, SUBJECT_CHARS
from shared.announcing.links import is_download, newest
from shared.announcing.text import announcement
from shared.docspace.places import TITLE_MAX
from shared.smtp.letter import letter
from shared.smtp.mailbox import mailbox
from shared.text.outside import one_line
from shared.wire.events import InvoiceFiled
from tests.support.recorded import RECORDED

FILE = "https://portal.example.com/doceditor?fileId=77"
DOWNLOAD = "https://portal.example.com/filehandler.ashx?action=download&fileid=77"
FOLDER = "https://portal.example.com/rooms/shared/900/filter?folder=900"
CORRELATION_ID = "5f0c8a52-6a4e-5d0b-9c65-2f1d3c0f7a11"


def invoice(**changes) -> InvoiceFiled:
    facts = {
        "file_id": 77,
        "source_file_id": 42,
        "version": 3,
        "title": "Invoice 2026-118.pdf",
        "rule": "acme",
        "destination": 900,
        "destination_title": "Incoming",
        "destination_path": ("Accounting", "Incoming"),
        "folder_url": FOLDER,
        "recipients": ("manager@example.com",),
        "web_url": f"{FILE}&version=3",
        "room_id": 12,
        "room_title": "ACME Ltd",
        "uploaded_by": "Anna Client",
        "uploaded_at": "2026-11-24T20:19:30.1234567+02:00",
    }
    return InvoiceFiled(**{**facts, **changes})


BARE = InvoiceFiled(
    file_id=77, source_file_id=42, version=3, title="Invoice.pdf", rule="acme", destination=900, recipients=()
)


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


def test_both_bodies_carry_every_fact_and_no_id_but_the_short_reference():
    said = announcement(invoice(), CORRELATION_ID, others=("ben@example.com", "slack", "slack"))
    page = Page(said.html)
    for body in (said.text, page.text):
        for fact in (
            *("Invoice 2026-118.pdf", "Anna Client", "24 November 2026, 18:19 UTC", "ACME Ltd"),
            *("Accounting / Incoming", "ben@example.com, slack", "nothing needs to be moved", "acme"),
        ):
            assert fact in body
        assert body.rstrip().endswith("Reference: 5f0c8a52")
        assert "same name" not in body.lower()
        for number in ("77", "42", "900", "12", CORRELATION_ID):
            assert not re.search(rf"\b{number}\b", re.sub(r"https://\S+", "", body)), number
    assert said.subject == "ACME Ltd: Invoice 2026-118.pdf"


@pytest.mark.parametrize(
    ("web_url", "folder_url", "links", "names"),
    [
        (f"{FILE}&version=3", FOLDER, [FILE, FOLDER], ["Open the invoice", "Open the folder"]),
        (f"{FILE}&version=3", None, [FILE], ["Open the invoice"]),
        (None, FOLDER, [FOLDER], ["Open the folder"]),
        (DOWNLOAD, FOLDER, [FOLDER, DOWNLOAD], ["Open the folder", "Download the invoice"]),
        (DOWNLOAD, None, [DOWNLOAD], ["Download the invoice"]),
        (None, None, [], []),
    ],
)
def test_the_link_that_opens_a_page_comes_first_and_none_names_a_version(web_url, folder_url, links, names):
    said = announcement(invoice(web_url=web_url, folder_url=folder_url), CORRELATION_ID)
    assert Page(said.html).links == links
    assert re.findall(r"^(.*): (https://\S+)$", said.text, re.MULTILINE) == list(zip(names, links, strict=True))
    assert ("sign in to the portal" in said.text) is (web_url == DOWNLOAD)
    assert ("sign in to the portal" in Page(said.html).text) is (web_url == DOWNLOAD)


@pytest.mark.parametrize(
    ("url", "without"),
    [
        ("https://p/doceditor?version=3&fileid=7", "https://p/doceditor?fileid=7"),
        ("https://p/doceditor?fileid=7&Version=&x=1", "https://p/doceditor?fileid=7&x=1"),
        ("https://p/doceditor?version=12", "https://p/doceditor"),
        ("https://p/doceditor?fileid=7&conversion=3", "https://p/doceditor?fileid=7&conversion=3"),
        ("", ""),
    ],
)
def test_a_link_to_the_newest_version_keeps_all_else(url, without):
    assert newest(url) == without


@pytest.mark.parametrize(
    "url", ["https://p/media/view/7", "https://p/filehandler.ashx?action=view", "https://[p", ""]
)
def test_what_is_no_download_opens_a_page(url):
    assert not is_download(url)


def test_a_recorded_web_url_of_a_portal_without_an_editor_is_a_download():
    recorded = json.loads((RECORDED / "read-file-in-subfolder.json").read_text())["answer"]["response"]["webUrl"]
    assert is_download(recorded), recorded


def test_a_file_of_the_same_name_is_said_in_both_bodies_and_in_the_subject():
    said = announcement(invoice(namesakes=(12, 15)), CORRELATION_ID)
    for body in (said.text, Page(said.html).text):
        assert "another file of this name lies there too" in body
        assert "Look whether this is the same invoice once more" in body
    assert said.subject == "ACME Ltd: Invoice 2026-118.pdf (same name as another file)"


def test_the_longest_title_leaves_room_in_the_subject_for_what_tells_it_from_another():
    longest = "x" * (TITLE_MAX + 5)
    said = announcement(invoice(title=longest, room_title="y" * TITLE_MAX), CORRELATION_ID)
    assert said.subject == f"{'y' * (CLIENT_CHARS - 1)}…: {longest}"
    subject = announcement(invoice(title="x" * 400, namesakes=(12,)), CORRELATION_ID).subject
    assert subject.endswith("x… (same name as another file)")
    assert len(subject) == SUBJECT_CHARS


def test_without_a_room_the_subject_says_what_happened():
    assert announcement(invoice(room_title=None), "corr-1").subject == "Invoice filed: Invoice 2026-118.pdf"


def test_a_fact_that_is_not_known_leaves_no_empty_line_label():
    said = announcement(BARE, CORRELATION_ID)
    for body in (said.text, said.html):
        for label in ("Uploaded", "Room", "Filed in", "Also to", "Open the folder", "None"):
            assert label not in body
    assert "\n\n\n" not in said.text


def test_what_a_mail_program_shows_beside_the_subject_is_where_it_is_and_who_sent_it():
    for said, shown in (
        (invoice(), "Accounting / Incoming · Anna Client · 24 November 2026, 18:19 UTC"),
        (BARE, ""),
    ):
        html = announcement(said, CORRELATION_ID).html
        first = re.search(r"<body[^>]*>\s*<div style=\"display:none[^>]*>(.*?)</div>", html)
        assert first
        assert first[1] == shown


def test_the_same_invoice_is_announced_in_the_same_words():
    assert announcement(invoice(), "corr-1") == announcement(invoice(), "corr-1")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "https://a.example/\nBcc: x", "//a.example", 'https://a"b']
)
def test_what_is_no_web_address_becomes_no_link(url):
    said = announcement(invoice(web_url=url), "corr-1")
    assert Page(said.html).links == [FOLDER]
    assert "Open the invoice" not in said.text + said.html


def test_html_in_a_title_is_shown_and_not_run():
    title = "<script>alert(1)</script><b>&amp;"
    outside = invoice(title=title, uploaded_by=title, room_title=title, rule=title, destination_path=(title,))
    page = Page(announcement(outside, title, others=(title,)).html)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert page.text.count(title) == 9  # page title, preview (2), heading, room, who, where, who else, rule


def test_a_title_cannot_begin_another_header_or_turn_the_reading_direction():
    said = announcement(invoice(title="Invoice\r\nBcc: thief@example.com\x00\u2028\u202efdp.exe"), "corr-1")
    assert said.subject == "ACME Ltd: Invoice Bcc: thief@example.com fdp.exe"


def test_the_joiners_of_emoji_and_persian_stay():
    assert one_line("می\u200cروم 👩\u200d💻") == "می\u200cروم 👩\u200d💻"


def test_a_title_of_nothing_visible_is_untitled():
    assert announcement(invoice(title=" \r\n\t"), "corr-1").subject == "ACME Ltd: Untitled"


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
            *("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References"),
            *("List-Id", "Auto-Submitted", "X-Correlation-ID"),
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
