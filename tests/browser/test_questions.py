"""What people ask of the console: each is answered from the first page in two clicks at most, in a sentence.

With and without JavaScript. `PICTURES=docs/pictures` has each question leave its picture there.
"""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, StorageState

from console.history.dates import begin
from demo.ports import free_port
from tests.browser.served import Served, served
from tests.browser.visitor import Visitor, visitor
from tests.support.stories import MANAGER, Past
from tests.support.web import ZONE

MOST_CLICKS = 2
WIDTH, HEIGHT = 1100, 720
BY_SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])


def tell(past: Past) -> dict[str, str]:
    """A week of an office."""
    now = time.time()
    friday = min(begin("friday", now, ZONE) + 14 * 3600, now - 60)
    ends = {
        "friday": past.upload("Invoice 2026-118.pdf", friday).done(friday),
        "other": past.upload("Invoice B-77.pdf", friday, room=86_200, room_title="Beta GmbH").done(friday),
        "skipped": past.upload("Minutes of Monday.docx", now - 3000).skipped(
            now - 2999, 'rule "default": title "Minutes of Monday.docx" does not start with "invoice"'
        ),
        "told": past.upload("Invoice 2026-121.pdf", now - 2400).done(now - 2400),
        "failed": past.upload("Invoice 2026-122.pdf", now - 1800, room=86_200, room_title="Beta GmbH")
        .detected(now - 1799)
        .died("mover", now - 1790, "the service user may not move files out of the room"),
    }
    late = past.upload("Invoice 2026-123.pdf", now - 600).detected(now - 599)
    for number in range(4):  # the next try, of the ladder's ten minutes, is still to come
        late.retried("mover", now - 400 + 100 * number, "the file is locked by Jane Client")
    return {end: upload.id for end, upload in (ends | {"late": late}).items()}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """No broker runs: that too needs a person."""
    folder = tmp_path_factory.mktemp("office")
    with served(folder, "amqp://guest:guest@127.0.0.1:1/", free_port(), tell) as found:
        yield found


@pytest.fixture(scope="module")
def admin(chromium: Browser, office: Served) -> StorageState:
    with visitor(chromium, office.address) as ada:
        ada.open(office.link)
        ada.page.get_by_role("button", name="Sign in").click()
        ada.page.wait_for_url(f"{office.address}/")
        return ada.context.storage_state()


class Asker:
    """Somebody new, on the first page. Typing into the search box, and Enter, is no click."""

    def __init__(self, seeing: Visitor, pictures: str | None) -> None:
        self._page, self._pictures = seeing.page, pictures
        self._page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        seeing.open("/")
        self.clicks = 0

    def types(self, words: str) -> None:
        box = self._page.get_by_role("search").get_by_role("searchbox")
        box.fill(words)
        box.press("Enter")
        self._page.wait_for_url("**/uploads?q=*")

    def clicks_on(self, what: Locator) -> None:
        self.clicks += 1
        what.click()
        self._page.wait_for_load_state()

    def reads(self, sentence: str) -> str:
        """The sentence as it stands there. It may come a moment later: the page fills itself."""
        wanted = re.compile(sentence)
        found = self._page.locator("main").get_by_text(wanted).last
        found.wait_for(timeout=20_000)
        return found.inner_text()

    def link(self, name: str) -> Locator:
        return self._page.locator("main").get_by_role("link", name=name).first

    def button(self, name: str) -> Locator:
        return self._page.locator("main").get_by_role("button", name=name)

    def row(self, title: str) -> Locator:
        return self._page.locator("main tr", has=self._page.get_by_role("link", name=title)).first

    def is_answered(self, name: str) -> None:
        """The picture is of the page that says it."""
        assert self.clicks <= MOST_CLICKS
        if self._pictures:
            self._page.screenshot(path=Path(self._pictures) / f"console_{name}.png")


@pytest.fixture
def asker(chromium: Browser, office: Served, admin: StorageState, *, scripts: bool) -> Iterator[Asker]:
    with visitor(chromium, office.address, admin, scripts=scripts) as seeing:
        yield Asker(seeing, os.environ.get("PICTURES") if scripts else None)
        assert seeing.elsewhere == []


@BY_SCRIPTS
def test_where_is_acmes_invoice_from_friday(asker: Asker) -> None:
    asker.types("acme friday")
    assert asker.row("Invoice B-77.pdf").count() == 0
    asker.clicks_on(asker.link("Invoice 2026-118.pdf"))
    assert re.search(r"in folder 748239", asker.reads("Filed in folder"))
    assert asker.link("Open it in DocSpace").is_visible()
    asker.is_answered("where")
    assert asker.clicks == 1


@BY_SCRIPTS
def test_what_needs_me(asker: Asker) -> None:
    assert re.search(r"\d things? needs? you\.", asker.reads("needs? you"))
    asker.reads("1 upload waits for a person: the service user lacks a right")
    asker.reads("What to do:")
    asker.is_answered("needs_me")
    assert asker.clicks == 0


@BY_SCRIPTS
def test_why_was_this_skipped_and_what_would_take_it(asker: Asker) -> None:
    asker.types("minutes")
    asker.clicks_on(asker.link("Minutes of Monday.docx"))
    asker.reads('Not an invoice: rule "default": title "Minutes of Monday.docx" does not start with "invoice"')
    asker.reads('What would take it: rule "default" would take it if its title did start with "invoice"')
    asker.is_answered("skipped")
    assert asker.clicks == 1


@BY_SCRIPTS
def test_was_the_manager_told(asker: Asker) -> None:
    asker.types("2026-121")
    assert f"told {MANAGER} and 1 more at" in asker.row("Invoice 2026-121.pdf").inner_text()
    asker.is_answered("told")
    asker.clicks_on(asker.link("Invoice 2026-121.pdf"))
    asker.reads(rf"{MANAGER}, slack, at \d{{4}}-\d\d-\d\d \d\d:\d\d")
    assert asker.clicks == 1


@BY_SCRIPTS
def test_when_is_it_tried_again_and_do_it_now(asker: Asker) -> None:
    asker.types("2026-123")
    row = asker.row("Invoice 2026-123.pdf")
    assert re.search(r"try 5 at \d\d:\d\d: the file is locked by Jane Client", row.inner_text())
    asker.is_answered("try_now")
    asker.clicks_on(row.get_by_role("link", name="Try now"))
    asker.reads("1 upload will be tried now, before the next try is due")
    asker.clicks_on(asker.button("Yes, do it"))
    asker.reads("waits to be begun")
    assert asker.clicks == MOST_CLICKS
