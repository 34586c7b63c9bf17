"""The page of one upload: where it is, who was told, when it is tried again, why, and what else there is of it."""

import html
import re

import pytest

from shared.text.codes import Code
from tests.contract.web_pages.conftest import ENVIRON, NOW
from tests.support.stories import MANAGER, Told
from tests.support.web import Browser, browser


def read(pages: Browser, told: Told) -> str:
    """As a person reads it: without markup."""
    answer = pages.get(f"/uploads/{told.id}")
    assert answer.status_code == 200, answer.text
    text = html.unescape(re.sub(r"<[^>]+>", "", answer.text.partition("<main")[2]))
    return re.sub(r"\s+", " ", text)


def test_a_filed_upload_tells_where_it_lies_with_a_link_and_who_was_told_when(past, pages):
    told = past.upload("Invoice 1.pdf", NOW - 100, 101).done(NOW - 100)
    text = read(pages, told)
    assert "Filed in folder 748239 at 2026-11-28 13:58" in text
    assert f"{MANAGER}, slack, at 2026-11-28 13:58" in text
    page = pages.get(f"/uploads/{told.id}").text
    assert 'href="https://portal.example.com/doceditor?fileId=101"' in page


def test_an_upload_that_is_tried_again_says_when_and_folds_its_tries(past, pages):
    told = past.upload("Invoice 1.pdf", NOW - 300).detected(NOW - 299)
    for number in range(4):
        told.retried("mover", NOW - 200 + number * 30, "no answer from the portal")
    text = read(pages, told)
    assert "Next try Number 5, at 2026-11-28 14:08" in text
    assert "4 tries failed: no answer from the portal" in text
    assert "Nobody yet: it is not filed. To be told: manager@example.com" in text


def test_an_upload_that_was_skipped_says_which_check_failed_and_what_it_wants(past, pages):
    told = past.upload("Contract.pdf", NOW - 100).skipped(NOW - 99, 'rule "default": title "Contract.pdf" does not')
    text = read(pages, told)
    assert "Not an invoice" in text
    assert 'What was said then: rule "default": title "Contract.pdf" does not' in text
    assert "✓ ok room" in text
    assert '✗ not met title: Contract.pdf; wanted: start with "invoice"' in text
    assert "Nobody: it is not filed." in text


def test_where_only_the_portal_knows_the_room_the_check_is_unknown(past, pages):
    told = past.upload("Invoice.pdf", NOW - 100, room=5, room_title="Beta").skipped(NOW - 99, "no")
    text = read(pages, told)
    assert "? unknown room: the history does not tell it" in text
    assert "· not asked title" in text


def test_another_room_fails_the_check_once_those_of_the_rules_are_known_to_be_rooms(past, pages):
    past.upload("Invoice 0.pdf", NOW - 200).done(NOW - 200)
    told = past.upload("Invoice.pdf", NOW - 100, room=5, room_title="Beta").skipped(NOW - 99, "no")
    assert "✗ not met room: folder 5 (Beta); wanted: room 86190" in read(pages, told)


def test_a_dead_letter_says_what_to_do(past, pages):
    told = past.upload("Invoice.pdf", NOW - 100).detected(NOW - 99).died("mover", NOW - 98, "may not move it")
    text = read(pages, told)
    assert "Needs a person: may not move it" in text
    assert f"What to do: {Code.NO_RIGHT.remedy}" in text
    assert "gave up: it waits for a person" in text


def test_other_uploads_of_the_same_file_are_listed_and_it_is_not_among_them(past, pages):
    first = past.upload("Invoice.pdf", NOW - 500, 7).done(NOW - 500)
    second = past.upload("Invoice.pdf", NOW - 100, 7)
    page = pages.get(f"/uploads/{second.id}").text
    assert "Other uploads of the same file" in page
    assert f'href="/uploads/{first.id}" class="title"' in page
    assert f'href="/uploads/{second.id}" class="title"' not in page


def test_the_beginning_of_an_id_leads_to_the_whole_and_an_unknown_one_is_said(past, pages):
    told = past.upload("Invoice.pdf", NOW - 100)
    answer = pages.get(f"/uploads/{told.id[:8]}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/uploads/{told.id}")
    answer = pages.get("/uploads/00000000-0000-5000-8000-000000000000")
    assert answer.status_code == 404
    assert "no upload has this id" in answer.text.lower()


def test_the_raw_event_without_a_broker_says_why_there_is_none(past, pages):
    told = past.upload("Invoice.pdf", NOW - 100)
    answer = pages.get(f"/uploads/{told.id}/raw")
    assert answer.status_code == 200
    assert "127.0.0.1:1" in answer.text


def test_without_rules_here_the_page_says_so_and_shows_the_rest(past, file):
    told = past.upload("Invoice.pdf", NOW - 100)
    pages = browser(file, environ={"AMQP_URL": ENVIRON["AMQP_URL"]}, clock=lambda: NOW)
    text = read(pages, told)
    assert "the rules are not known here" in text
    assert "the event came" in text


@pytest.mark.parametrize(
    "title", ["<img src=x onerror=alert(1)>", '"><script>alert(1)</script>', "\u202egpj.exe\x1b]0;"]
)
def test_a_hostile_title_and_reason_are_text(past, pages, title):
    told = past.upload(title, NOW - 100, by=title, room_title=title).skipped(NOW - 99, title)
    page = pages.get(f"/uploads/{told.id}").text
    assert "<img" not in page
    assert "<script>" not in page
    assert "\u202e" not in page.replace("&#x202e;", "")
    assert "\x1b" not in page
