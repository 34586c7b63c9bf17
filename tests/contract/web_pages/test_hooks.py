"""The endpoints on the pages: how each stands and what it answered, by rules and the dispatcher's own store."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.store.hooks.standing import Attempt
from shared.store.hooks.store import HookStore
from shared.store.people.person import Role
from tests.contract.web_pages.conftest import ENVIRON, NOW
from tests.contract.web_pages.test_pages import HOSTILE, read
from tests.support.stories import DESTINATION, MANAGER, ROOM
from tests.support.web import Browser, browser

RULES = f"""
[[rule]]
name = "acme"
rooms = [{ROOM}]
destination = {DESTINATION}
recipients = ["{MANAGER}"]

[[endpoint]]
name = "erp"
url = "https://erp.example.com/hook/TokenInThePath"
events = ["invoice.filed", "invoice.read"]
secret_file = "/nowhere/hook.secret"
"""


@pytest.fixture
def store(file: Path) -> Iterator[HookStore]:
    with contextlib.closing(HookStore(f"sqlite:///{file}")) as made:
        yield made


@pytest.fixture
def with_endpoint(file: Path, tmp_path: Path) -> Browser:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    return browser(file, role=Role.VIEWER, environ=ENVIRON | {"RULES_FILE": str(rules)}, clock=lambda: NOW)


def attempt(at: float, *, status: int | None, answer: str = "") -> Attempt:
    return Attempt(
        endpoint="erp", at=at, took_s=0.25, event="invoice.filed", webhook_id="msg_1", attempt=1, status=status,
        answer=answer,
    )  # fmt: skip


def test_an_endpoint_is_shown_with_where_it_is_and_what_it_asks_for(with_endpoint: Browser) -> None:
    text = read(with_endpoint.get("/hooks").text)
    assert "erp.example.com" in text
    assert "TokenInThePath" not in text
    assert "invoice.filed, invoice.read" in text
    assert "nothing was sent yet" in text


def test_what_it_answered_is_told_and_obeyed_nowhere(with_endpoint: Browser, store: HookStore) -> None:
    store.attempted(attempt(NOW - 60, status=204))
    assert "accepted the last" in read(with_endpoint.get("/hooks").text)
    store.attempted(attempt(NOW - 30, status=500, answer=HOSTILE))
    store.attempted(attempt(NOW - 10, status=None, answer="timed out"))
    page = with_endpoint.get("/hooks/erp").text
    text = read(page)
    assert "failing since" in text
    for told in ("204", "500", "timed out", "250", "intake hooks replay erp"):
        assert told in text
    assert "<script>alert" not in page
    assert not set("\u202e\x1b\x07") & set(page)
    assert "intake hooks enable" not in text


def test_a_disabled_one_says_why_and_how_it_goes_on(with_endpoint: Browser, store: HookStore) -> None:
    store.disable("erp", "anna", "it moves", NOW - 100)
    store.missed("erp", NOW - 90)
    text = read(with_endpoint.get("/hooks").text)
    assert "disabled" in text
    assert "it moves" in text
    assert "intake hooks enable erp" in read(with_endpoint.get("/hooks/erp").text)


def test_where_the_rules_name_none_the_page_says_so(pages: Browser) -> None:
    assert "The rules name no endpoint" in read(pages.get("/hooks").text)
    assert pages.get("/hooks/erp").status_code == 404


def test_where_the_rules_are_not_known_the_page_says_why(file: Path) -> None:
    page = browser(file, environ=ENVIRON | {"RULES_FILE": "/nowhere/rules.toml"}, clock=lambda: NOW).get("/hooks")
    assert page.status_code == 200
    assert "/nowhere/rules.toml" in read(page.text)
