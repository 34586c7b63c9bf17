"""Every page: with a full history and without one, with hostile texts, and with database and broker away."""

import contextlib
import gzip
import html
import re
from collections import Counter
from pathlib import Path

import pytest

from shared.text.codes import Code
from tests.contract.web_pages.conftest import ENVIRON, NOW
from tests.support.stories import ROOM, Past, days_of
from tests.support.web import Browser, browser

PAGES = (
    "/",
    "/uploads",
    "/problems",
    "/rooms",
    f"/rooms/{ROOM}",
    "/rules",
    "/rules/edit",
    "/notifications",
    "/hooks",
    "/health",
    "/events",
    "/setup",
)
WITHOUT_DATABASE = ("/", "/problems", "/rules", "/notifications", "/hooks", "/health", "/events", "/setup")
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202egpj.exe\x1b]0;x\x07'


def read(page: str) -> str:
    """The main part, as a person reads it."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"</(t[hd]|dt|li|p)>|<br>", " ", main))))


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """A day of uploads, one of each standing among them, with texts as an attacker would choose them."""
    file = tmp_path_factory.mktemp("full") / "ledger.db"
    with contextlib.closing(Past(f"sqlite:///{file}")) as past:
        *_, newest = days_of(past, NOW - 3600, 20)
        newest.in_ledger(past.database_url, title=HOSTILE, room_title=HOSTILE)
        past.upload(HOSTILE, NOW - 900, by=HOSTILE, room_title=HOSTILE).skipped(NOW - 899, HOSTILE)
        dead = past.upload(f"Invoice {HOSTILE}", NOW - 800).detected(NOW - 799)
        dead.died("mover", NOW - 798, HOSTILE, Code.NO_RIGHT)
        past.upload("Invoice late.pdf", NOW - 60).detected(NOW - 59).retried("mover", NOW - 1, HOSTILE)
    return browser(file, environ=ENVIRON, clock=lambda: NOW)


@pytest.mark.parametrize("path", PAGES)
def test_each_page_answers_without_a_broker_and_holds_no_markup_of_others(full, path):
    answer = full.get(path)
    assert answer.status_code == 200, read(answer.text)
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text
    assert not set("\u202e\x1b\x07") & set(answer.text)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_an_inline_style_or_script_or_an_id_twice(full, path):
    page = full.get(path).text
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)\s*=", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"<style", page)
    twice = [name for name, times in Counter(re.findall(r'\sid="([^"]+)"', page)).items() if times > 1]
    assert not twice


@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_small_and_has_one_heading_of_the_first_level(full, path):
    page = full.get(path).text
    assert len(gzip.compress(page.encode())) < 20_000
    assert page.count("<h1") == 1


@pytest.mark.parametrize("path", PAGES)
def test_each_page_says_what_is_known_of_a_new_installation(file, path):
    """No database, no broker, no settings."""
    answer = browser(file, environ={"AMQP_URL": ENVIRON["AMQP_URL"]}, clock=lambda: NOW).get(path)
    assert answer.status_code in (200, 404, 503)
    assert "Traceback" not in answer.text
    assert len(read(answer.text)) > 80


@pytest.fixture
def without_database(tmp_path: Path) -> Browser:
    """Its file is a folder by now."""
    broken = tmp_path / "gone.db"
    broken.mkdir()
    return browser(broken, environ=ENVIRON, clock=lambda: NOW)


@pytest.mark.parametrize("path", PAGES)
def test_with_the_database_gone_each_page_says_so_in_a_sentence(without_database, path):
    answer = without_database.get(path)
    assert answer.status_code == (200 if path in WITHOUT_DATABASE else 503)
    if path not in ("/rules", "/rules/edit", "/hooks", "/events"):
        assert "database cannot be used" in read(answer.text)
    assert "Traceback" not in answer.text


def test_the_first_page_says_what_needs_a_person_and_shows_todays_uploads(full):
    text = read(full.get("/").text)
    assert re.search(r"\d things? needs? you\.", text)
    assert "What to do:" in text
    assert "Invoice late.pdf" in text
    assert "→ On its way" in text
    assert "try 2 at" in text


def test_the_first_page_tells_the_last_24_hours_as_bars_and_as_a_table(full):
    page = full.get("/").text
    assert page.count("<rect") >= 16
    assert "2026-11-28 13:00 1 1 1 1" in read(page)


def test_the_first_page_shows_the_checklist_until_the_first_invoice_is_filed(past, pages):
    told = past.upload("Invoice 1.pdf", NOW - 60)
    text = read(pages.get("/").text)
    assert "Until the first invoice is filed" in text
    assert "The portal's webhook has brought a first event: ✓ done" in text
    assert "A first invoice is filed: ○ to do" in text
    told.done(NOW - 50)
    assert "Until the first invoice is filed" not in read(pages.get("/").text)


def test_what_could_not_be_looked_at_is_never_called_well(past, pages):
    list(days_of(past, NOW - 60, 3))
    text = read(pages.get("/").text)
    assert "? Portal: unknown" in text
    assert "? Mail: unknown" in text
    assert "✓" not in text.partition("What it depends on")[0]


def test_a_room_tells_its_uploads_who_is_told_and_by_which_rule(full):
    text = read(full.get(f"/rooms/{ROOM}").text)
    assert "manager@example.com" in text
    assert "Rules default" in text
    assert "20 filed, 1 on their way, 1 need a person, 1 are no invoice" in text
    assert full.get("/rooms/999").status_code == 404


def test_a_room_that_is_quieter_than_usual_is_said_to_be(past, pages):
    list(days_of(past, NOW - 12 * 86_400, 12, gap_s=86_400))
    assert "quieter than usual" in read(pages.get("/rooms").text)


def test_the_rules_are_sentences_with_the_rooms_by_name(past, pages):
    past.upload("Invoice 2.pdf", NOW - 20).detected(NOW - 19)
    text = read(pages.get("/rules").text)
    assert 'An upload to Acme Ltd, the title of which starts with "invoice", is moved to folder 748239.' in text
    assert "Told by mail: manager@example.com." in text


def test_the_events_are_told_with_their_fields(pages):
    text = read(pages.get("/events").text)
    for key in ("invoice.detected", "invoice.filed", "invoice.announced", "event.skipped"):
        assert key in text
    assert "recipients array of string yes" in text
    assert "No real example now:" in text
