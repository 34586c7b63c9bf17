"""What waits to be told, its message, and how messages read, on the pages."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.actions.run import run
from console.actions.site import Site
from shared.announcing.phrases import phrases
from shared.store.people.person import Role
from shared.text.languages import LANGUAGES
from tests.contract.web_pages.conftest import ENVIRON, NOW
from tests.contract.web_pages.test_pages import read
from tests.support.outbox import Desk
from tests.support.stories import Past
from tests.support.web import Browser, browser


@pytest.fixture
def desk(file: Path) -> Iterator[Desk]:
    with contextlib.closing(Desk(f"sqlite:///{file}")) as made:
        yield made


def test_what_waits_is_shown_with_who_gets_it_and_how_many_it_names(pages: Browser, desk: Desk) -> None:
    desk.join("one")
    desk.join("two")
    text = read(pages.get("/notifications").text)
    assert "Anna@example.com" in text
    assert "2 invoices" in text
    [waiting] = desk.people.waiting(9)
    assert "one.pdf" in read(pages.get(f"/notifications/{waiting.id}").text)
    assert pages.get("/notifications/none").status_code == 404


def test_send_now_asks_first_and_then_lets_the_message_go(pages: Browser, desk: Desk, file: Path) -> None:
    desk.join("one")
    [waiting] = desk.people.waiting(9)
    assert f'href="/actions/send-now?ids={waiting.id}"' in pages.get("/notifications").text
    asked = read(pages.get(f"/actions/send-now?ids={waiting.id}").text)
    assert "1 message that would wait goes out within seconds" in asked
    assert desk.sending.due() == []
    done = pages.post("/actions/send-now", {"ids": waiting.id, "count": 1})
    assert done.status_code == 303
    run(Site((ENVIRON["AMQP_URL"],), f"sqlite:///{file}"), done.headers["Location"].rpartition("/")[2])
    assert desk.sent() == [["one"]]
    assert "Nothing waits" in read(pages.get("/notifications").text)


def test_a_viewer_is_offered_nothing_and_may_send_nothing(file: Path, desk: Desk) -> None:
    desk.join("one")
    [waiting] = desk.people.waiting(9)
    viewer = browser(file, role=Role.VIEWER, environ=ENVIRON, clock=lambda: NOW)
    assert "/actions/" not in viewer.get("/notifications").text.partition("<main")[2]
    assert viewer.post("/actions/send-now", {"ids": waiting.id, "count": 1}).status_code == 403
    assert desk.sending.due() == []


def test_the_newest_filed_invoice_is_read_in_every_language(past: Past, pages: Browser) -> None:
    past.upload("Invoice old.pdf", NOW - 900).done(NOW - 890).in_ledger(past.database_url)
    past.upload("Invoice 4711.pdf", NOW - 600).done(NOW - 590).in_ledger(
        past.database_url, destination_path=("Accounting", "Incoming")
    )
    page = pages.get("/notifications").text
    text = read(page)
    assert text.count("Acme Ltd: Invoice 4711.pdf") == len(LANGUAGES)
    assert text.count("Accounting / Incoming") == len(LANGUAGES)
    assert [each for each in LANGUAGES if phrases(each)("Uploaded by") not in text] == []
    assert "Invoice old.pdf" not in text


def test_without_a_filed_invoice_a_made_up_one_is_said_to_be_one(past: Past, pages: Browser) -> None:
    past.upload("Invoice 1.pdf", NOW - 60)
    assert "No invoice was filed yet: it is a made-up one." in read(pages.get("/notifications").text)


def test_own_templates_are_shown_and_a_broken_one_is_named(file: Path, past: Past, tmp_path: Path) -> None:
    past.upload("Invoice 4711.pdf", NOW - 600).done(NOW - 590).in_ledger(past.database_url)
    own = tmp_path / "own"
    own.mkdir()
    (own / "announcement.txt").write_text("{{ title }} <b>for us</b>")
    pages = browser(file, environ={**ENVIRON, "TEMPLATES_DIR": str(own)}, clock=lambda: NOW)
    page = pages.get("/notifications").text
    assert "Invoice 4711.pdf &lt;b&gt;for us&lt;/b&gt;" in page
    assert "✓ Templates of your own that are used: announcement.txt" in read(page)
    (own / "announcement.html").write_text("{% if %}")
    page = pages.get("/notifications").text
    assert "a template in TEMPLATES_DIR cannot be used, and ours is in its place: announcement.html:" in read(page)
