"""Every page in a real browser: with and without scripts, in both themes, at three widths, with hostile titles."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, StorageState

from console.web.roles import NEEDED
from tests.browser.served import Served
from tests.browser.visitor import Visitor, visitor
from tests.support.stories import ROOM
from tests.support.web import registered

WIDTHS = (320, 768, 1280)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
NEEDS_THE_BROKER = "/actions/retry"
PAGES = {
    "/": ["/"],
    "/uploads": ["/uploads", "/uploads?q=acme+friday", "/uploads?state=needs-a-person"],
    "/uploads/{upload}": [f"/uploads/{{{end}}}" for end in ("filed", "skipped", "waiting", "failed", "hostile")],
    "/uploads/{upload}/raw": ["/uploads/{failed}/raw"],
    "/problems": ["/problems"],
    "/rooms": ["/rooms"],
    "/rooms/{room}": [f"/rooms/{ROOM}", "/rooms/90001"],
    "/rules": ["/rules"],
    "/rules/edit": ["/rules/edit"],
    "/rules/versions/{version}": ["/rules/versions/1"],
    "/notifications": ["/notifications"],
    "/notifications/{message}": ["/notifications/{waiting_message}"],
    "/hooks": ["/hooks"],
    "/hooks/{name}": ["/hooks/erp", "/hooks/none"],
    "/health": ["/health"],
    "/events": ["/events"],
    "/setup": ["/setup"],
    "/activity": ["/activity"],
    "/activity/{action}": ["/activity/none"],
    "/actions/{verb}": [
        "/actions/retry?reason=no-right",
        "/actions/pause?stage=mover",
        "/actions/none",
        "/actions/send-now?ids={waiting_message}",
    ],
    "/audit": ["/audit"],
    "/people": ["/people"],
    "/me": ["/me"],
    "/login": ["/login"],
    "/invite/{token}": ["/invite/none"],
}
"""By the route that serves them. `{filed}` is the id of an upload that came to that."""
NO_PAGES = {"/uploads.csv", "/live"}
PLACES = [place for places in PAGES.values() for place in places]
ONE_A_ROUTE = {places[0] for places in PAGES.values()}
"""What the scripts would change is the template's."""


@pytest.fixture(scope="module")
def admin(chromium: Browser, web: Served) -> StorageState:
    """What the browser keeps of somebody who signed in by a link."""
    with visitor(chromium, web.address) as ada:
        ada.open(web.link)
        ada.page.get_by_role("button", name="Sign in").click()
        ada.page.wait_for_url(f"{web.address}/")
        return ada.context.storage_state()


@pytest.fixture(scope="module")
def seeing(chromium: Browser, web: Served, admin: StorageState) -> Iterator[Visitor]:
    with visitor(chromium, web.address, admin) as found:
        yield found


@pytest.fixture(scope="module")
def plain(chromium: Browser, web: Served, admin: StorageState) -> Iterator[Visitor]:
    """A browser in which no JavaScript runs."""
    with visitor(chromium, web.address, admin, scripts=False) as found:
        yield found


@pytest.fixture(scope="module")
def still(chromium: Browser, web: Served, admin: StorageState) -> Iterator[Visitor]:
    """The pages' scripts are missing, and axe, which is one itself, runs."""
    with visitor(chromium, web.address, admin) as found:
        found.context.route("**/*.js*", lambda route: route.abort())
        yield found


def test_every_page_that_there_is_stands_here() -> None:
    routes = {path for method, path in registered() if method == "GET"}
    assert routes - NO_PAGES == set(PAGES)
    assert all(("GET", path) in NEEDED for path in PAGES)


@pytest.mark.parametrize("place", PLACES)
def test_a_page_is_sound_in_each_theme_and_width(seeing: Visitor, web: Served, place: str) -> None:
    seeing.elsewhere.clear()
    seeing.complaints.clear()
    status = seeing.open(place.format(**web.uploads))
    assert status < 500 or place.startswith(NEEDS_THE_BROKER), status
    if status < 400:  # of a page that there is not Chromium complains by itself
        assert seeing.complaints == []
    for theme in THEMES:
        for width in WIDTHS:
            seeing.look(width=width, theme=theme)
            assert seeing.wider() == "", (theme, width)
            assert seeing.violations() == [], (theme, width)
    assert seeing.elsewhere == []
    assert seeing.page.title() != "run"  # as a hostile title would have it


@pytest.mark.parametrize("place", PLACES)
def test_a_page_reads_without_javascript(plain: Visitor, still: Visitor, web: Served, place: str) -> None:
    path = place.format(**web.uploads)
    status = plain.open(path)
    for width in WIDTHS:
        plain.look(width=width, theme="light")
        assert plain.wider() == "", width
    assert plain.page.locator("h1").inner_text()
    if place in ONE_A_ROUTE:
        assert still.open(path) == status
        still.look(width=320, theme="dark")
        assert still.violations() == []
    assert plain.elsewhere == still.elsewhere == []


ADOPT = """(style) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets = [sheet];
}"""
BROKEN = {
    "color-contrast": (
        "@media (prefers-color-scheme: dark) { main p, main td { color: #333 !important } }",
        {("dark", width) for width in WIDTHS},
    ),
    "select-name": (
        "@media (width: 768px) { label { visibility: hidden } label select { visibility: visible } }",
        {(theme, 768) for theme in THEMES},
    ),
}
"""By a rule, a style that breaks it at some looks, and these."""


@pytest.mark.parametrize("rule", BROKEN)
def test_what_is_wrong_at_some_looks_alone_is_found(seeing: Visitor, rule: str) -> None:
    """A rule that seems to be of the text alone is not: what names a field may be hidden at one width."""
    style, looks = BROKEN[rule]
    seeing.open("/me")
    seeing.page.evaluate(ADOPT, style)
    broken = set()
    for theme in THEMES:
        for width in WIDTHS:
            seeing.look(width=width, theme=theme)
            if any(each.startswith(f"{rule}:") for each in seeing.violations()):
                broken.add((theme, width))
    assert broken == looks


def test_the_chosen_theme_wins_over_the_browser_s(seeing: Visitor) -> None:
    def background() -> str:
        return str(seeing.page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))

    seeing.look(width=1280, theme="light")
    seeing.open("/me")
    light = background()
    seeing.page.get_by_label("Colours").select_option("dark")
    seeing.page.get_by_role("button", name="Keep").click()
    seeing.page.wait_for_selector('html[data-theme="dark"]')
    assert background() != light
    assert seeing.violations() == []
    seeing.page.get_by_label("Colours").select_option("")
    seeing.page.get_by_role("button", name="Keep").click()
    seeing.page.wait_for_selector("html:not([data-theme])")


def test_the_first_tab_leads_past_the_navigation(seeing: Visitor) -> None:
    seeing.open("/")
    seeing.page.keyboard.press("Tab")
    assert seeing.page.evaluate("document.activeElement.className") == "skip"
    seeing.page.keyboard.press("Enter")
    assert seeing.page.url.endswith("#main")
