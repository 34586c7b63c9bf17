"""The list of uploads answers what its address asks, and says what was looked at where there is none."""

import csv
import html
import io
import re

import pytest

from shared.text.codes import Code
from tests.contract.web_pages.conftest import NOW
from tests.support.stories import Past

DAY = 86_400
FRIDAY = NOW - DAY


def titles(text: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(r'class="title"><bdi>(.*?)</bdi>', text)]


def linked(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    assert found, f"no link to {rel}"
    return html.unescape(found[1])


@pytest.fixture
def four(past: Past) -> Past:
    past.upload("Invoice 1.pdf", FRIDAY, 101).done(FRIDAY)
    past.upload("Contract.pdf", FRIDAY + 60, 102).skipped(FRIDAY + 61, 'rule "default": title "Contract.pdf" no')
    past.upload("Invoice 2.pdf", NOW - 600, 103, room=5, room_title="Beta GmbH").detected(NOW - 599).died(
        "mover", NOW - 598, "the service user may not move it", Code.NO_RIGHT
    )
    past.upload("Invoice 3.pdf", NOW - 60, 104).detected(NOW - 59).retried("mover", NOW - 58, "no answer")
    return past


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Invoice 3.pdf", "Invoice 2.pdf", "Contract.pdf", "Invoice 1.pdf"]),
        ("q=acme+friday", ["Contract.pdf", "Invoice 1.pdf"]),
        ("q=ACME+invoice", ["Invoice 3.pdf", "Invoice 1.pdf"]),
        ("q=friday&literal=1", []),
        ("state=needs-a-person", ["Invoice 2.pdf"]),
        ("state=on-its-way", ["Invoice 3.pdf"]),
        ("state=filed", ["Invoice 1.pdf"]),
        ("state=not-an-invoice", ["Contract.pdf"]),
        ("room=5", ["Invoice 2.pdf"]),
        ("from=friday&to=friday", ["Contract.pdf", "Invoice 1.pdf"]),
        ("from=today", ["Invoice 3.pdf", "Invoice 2.pdf"]),
        ("q=https://portal.example.com/rooms/shared/5/filter%3Ffolder=5", ["Invoice 2.pdf"]),
    ],
)
def test_the_list_holds_what_its_address_asks_for(four, pages, query, found):
    answer = pages.get(f"/uploads?{query}")
    assert answer.status_code == 200
    assert titles(answer.text) == found


@pytest.mark.parametrize(
    "asked",
    ["104", "https://portal.example.com/doceditor?fileId=104", "https://p.example/rooms/shared/1/media/view/104"],
)
def test_what_names_one_upload_leads_to_its_page(four, pages, asked):
    answer = pages.get(f"/uploads?q={asked}")
    assert answer.status_code == 303
    assert re.fullmatch(r"/uploads/[0-9a-f-]{36}", answer.headers["location"])


def test_the_number_at_a_mails_foot_leads_to_its_upload_also_by_its_beginning(past, pages):
    told = past.upload("Invoice 1.pdf", FRIDAY)
    for asked in (told.id, told.id[:8], told.id.upper()):
        assert pages.get(f"/uploads?q={asked}").headers["location"] == f"/uploads/{told.id}"


def test_a_file_with_several_uploads_is_listed(past, pages):
    past.upload("Invoice 1.pdf", FRIDAY, 7)
    past.upload("Invoice 1.pdf", NOW - 60, 7)
    assert titles(pages.get("/uploads?q=7").text) == ["Invoice 1.pdf"] * 2


def test_older_and_newer_are_not_shifted_by_an_upload_that_comes_meanwhile(past, pages):
    for number in range(120):
        past.upload(f"Invoice {number}.pdf", NOW - 1000 + number)
    first = pages.get("/uploads").text
    assert titles(first)[0] == "Invoice 119.pdf"
    older = linked(first, "next")
    past.upload("Invoice new.pdf", NOW - 1)
    second = pages.get(older).text
    assert titles(second) == [f"Invoice {number}.pdf" for number in range(69, 19, -1)]
    newer = linked(second, "prev")
    assert titles(pages.get(newer).text) == titles(first)


def test_an_empty_list_says_what_was_looked_at(four, pages):
    text = pages.get("/uploads?q=acme+friday+paid").text
    assert "No upload matches" in text
    assert "2 uploads are of this room and time" in text
    assert "The last event came at" in text
    assert "No reconciler ever compared" in text


def test_what_was_typed_and_means_nothing_is_said_and_left_out(four, pages):
    text = pages.get("/uploads?state=lost&from=whenever&before=x").text
    assert text.count("Not taken into account") == 2
    assert len(titles(text)) == 4


def test_the_csv_holds_the_same_uploads_and_no_formula(four, pages):
    four.upload('=HYPERLINK("http://evil.example")', NOW - 5)
    answer = pages.get("/uploads.csv?from=today")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert [row["title"] for row in rows] == [
        '\'=HYPERLINK("http://evil.example")',
        "Invoice 3.pdf",
        "Invoice 2.pdf",
    ]
    assert answer.headers["content-type"].startswith("text/csv")
    assert rows[2]["state"] == "Needs a person"
    assert rows[2]["came in"] == "2026-11-28 13:50:00"


def test_a_hostile_title_is_text_and_one_line(past, pages):
    past.upload('<script>alert(1)</script>" onload="x\r\n\u202egpj.exe', NOW - 5)
    text = pages.get("/uploads").text
    assert "<script>alert" not in text
    assert "\u202e" not in text
    assert titles(text) == ['<script>alert(1)</script>" onload="x gpj.exe']


def test_without_a_history_the_page_says_what_to_do(pages):
    answer = pages.get("/uploads")
    assert answer.status_code == 503
    assert "no history is kept in this database" in html.unescape(answer.text).lower()
