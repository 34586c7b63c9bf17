"""What people do, in a real browser: get in, be told what is new, and leave."""

import time

import pytest
from playwright.sync_api import Browser

from shared.store.people.person import Role
from tests.browser.served import Served
from tests.browser.visitor import visitor
from tests.support.waiting import wait_until
from tests.support.web import membership_of

PASSWORD = "correct horse battery"


def invitation(web: Served, name: str, role: Role) -> str:
    people = membership_of(web.past.database_url).people
    return "/invite/" + people.invite(name, role, time.time(), by="test")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_an_invited_person_sets_a_password_leaves_and_comes_back(
    chromium: Browser, web: Served, *, scripts: bool
) -> None:
    name = f"bob {scripts}"
    with visitor(chromium, web.address, scripts=scripts, width=320) as bob:
        bob.open(invitation(web, name, Role.VIEWER))
        bob.page.get_by_label("Password, at least 12 characters").fill(PASSWORD)
        bob.page.get_by_label("The same again").fill(PASSWORD)
        bob.page.get_by_role("button", name="Set the password and sign in").click()
        bob.page.wait_for_url(f"{web.address}/")
        bob.open("/me")
        bob.page.get_by_role("button", name="Sign out").click()
        bob.page.wait_for_url(f"{web.address}/login")
        bob.open("/uploads?q=4711")
        assert "/login?to=" in bob.page.url
        bob.page.get_by_label("Name").fill(name)
        bob.page.get_by_label("Password").fill(PASSWORD)
        bob.page.get_by_role("button", name="Sign in").click()
        bob.page.wait_for_url(f"{web.address}/uploads?q=4711")
        assert bob.page.get_by_text("Invoice 4711.pdf").first.is_visible()
        assert bob.elsewhere == []


def test_a_viewer_is_offered_no_action(chromium: Browser, web: Served) -> None:
    with visitor(chromium, web.address) as bob:
        bob.open(invitation(web, "bob the viewer", Role.VIEWER))
        bob.page.get_by_label("Password, at least 12 characters").fill(PASSWORD)
        bob.page.get_by_label("The same again").fill(PASSWORD)
        bob.page.get_by_role("button", name="Set the password and sign in").click()
        bob.page.wait_for_url(f"{web.address}/")
        for path in ("/", "/uploads?state=needs-a-person", "/problems", f"/uploads/{web.uploads['failed']}"):
            assert bob.open(path) == 200
            assert bob.page.locator("main form[method=post], main a[href^='/actions/']").count() == 0, path
        assert bob.open("/people") == 403
        assert bob.open("/actions/retry?reason=no-right") == 403


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_an_admin_changes_the_rules_and_goes_back(chromium: Browser, web: Served, *, scripts: bool) -> None:
    people = membership_of(web.past.database_url).people
    token = people.invite(f"ada {scripts}", Role.ADMIN, time.time(), by="test", sets_password=False)
    with visitor(chromium, web.address, scripts=scripts, width=320) as ada:
        page = ada.page
        ada.open(f"/invite/{token}")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{web.address}/")
        ada.open("/rules")
        page.get_by_role("button", name="Change the rules…").click()
        text = page.get_by_label("The rules, as TOML; comments are kept")
        begun = text.input_value()
        assert '"slack://…1"' in begun
        text.fill(begun.replace("rooms = ", "roms = "))
        page.get_by_role("button", name="Check them").click()
        assert "roms: unknown key" in page.get_by_role("alert").inner_text()
        text.fill(begun.replace("# ours", "# ours and new"))
        page.get_by_role("button", name="Check them").click()
        page.get_by_role("heading", name="What would change: the last 7 days").wait_for()
        page.get_by_label("Why? It stands with the version, and on the record").fill(f"With scripts: {scripts}")
        page.get_by_role("button", name="Publish").click()
        page.wait_for_url(f"{web.address}/rules")
        assert page.get_by_text(f"With scripts: {scripts}").is_visible()
        page.get_by_role("link", name="Version 2", exact=True).click()
        page.get_by_role("button", name="Make it live again").click()
        page.wait_for_url(f"{web.address}/rules")
        assert "live" in page.locator("tr", has=page.get_by_role("link", name="Version 2", exact=True)).inner_text()
        assert ada.elsewhere == ada.complaints == []


def test_the_first_page_shows_what_is_new_by_itself_and_not_while_hidden(chromium: Browser, web: Served) -> None:
    people = membership_of(web.past.database_url).people
    token = people.invite("ada live", Role.ADMIN, time.time(), by="test", sets_password=False)
    with visitor(chromium, web.address) as ada:
        ada.open(f"/invite/{token}")
        ada.page.get_by_role("button", name="Sign in").click()
        ada.page.wait_for_url(f"{web.address}/")
        wait_until(lambda: web.live.streams == 1, 20, "the page's stream")
        now = time.time()
        web.past.upload("Invoice just now.pdf", now).done(now)
        ada.page.get_by_text("Invoice just now.pdf").first.wait_for()
        hide(ada.page, hidden=True)
        wait_until(lambda: web.live.streams == 0, 20, "the end of the stream")
        web.past.upload("Invoice while away.pdf", now).done(now)
        hide(ada.page, hidden=False)
        ada.page.get_by_text("Invoice while away.pdf").first.wait_for()
        assert ada.complaints == []


def hide(page: object, *, hidden: bool) -> None:
    """As when the person looks at another tab."""
    page.evaluate(  # type: ignore[attr-defined]
        "(hidden) => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )
