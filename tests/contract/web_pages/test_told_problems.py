"""What the reconciler told operators of is a card of the web console, and is acknowledged and silenced there."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from console.actions.run import run
from console.actions.site import Site
from console.operator.kept import FRESH_S
from console.operator.times import PORTAL, WHOLE_PORTAL
from shared.store.audit.store import AuditStore
from shared.store.people.person import Role
from shared.store.problems.known import Seen
from shared.store.problems.store import ProblemStore
from tests.contract.web_pages.conftest import ENVIRON
from tests.integration.web_pages.test_acting import form_of, read
from tests.support.stories import Past
from tests.support.web import Browser, browser

CAUSE = "portal:portal-unreachable"
DOWN = Seen(
    family="portal:away", cause=CAUSE, found_by=PORTAL, level="failed",
    title="https://portal.example.com cannot be reached", remedy="see whether it is up",
)  # fmt: skip
KEY = Seen(
    family="portal:key-expires", cause="portal:key-expires", found_by=WHOLE_PORTAL, level="warning",
    title="the API key expires at 2026-12-10", remedy="make a new one",
)  # fmt: skip


@pytest.fixture
def store(file: Path, past: Past) -> Iterator[ProblemStore]:
    with closing(ProblemStore(f"sqlite:///{file}")) as made:
        yield made


@pytest.fixture
def operator(file: Path) -> Browser:
    return browser(file, role=Role.OPERATOR, environ=ENVIRON)


def told(store: ProblemStore, *seen: Seen, at: float) -> None:
    store.observe(seen, (), at - 130, lasts_s=120.0)
    store.observe(seen, (), at, lasts_s=120.0)


def does(operator: Browser, file: Path, address: str) -> str:
    """What the page says that asks; then what was begun is done."""
    asks = operator.get(address)
    assert asks.status_code == 200, read(asks.text)
    answer = operator.post(address.partition("?")[0], form_of(asks.text))
    assert answer.status_code == 303, read(answer.text)
    assert run(Site((), f"sqlite:///{file}"), answer.headers["location"].rpartition("/")[2])
    return read(asks.text)


def test_what_only_the_reconciler_can_see_of_the_portal_is_a_card(store: ProblemStore, operator: Browser) -> None:
    told(store, DOWN, at=time.time())
    for page in ("/", "/problems"):
        assert "failed: https://portal.example.com cannot be reached" in read(operator.get(page).text)


def test_what_the_reconciler_has_not_seen_for_long_is_no_card(store: ProblemStore, operator: Browser) -> None:
    told(store, DOWN, at=time.time() - FRESH_S - 10)
    assert "cannot be reached" not in read(operator.get("/problems").text)


def test_a_problem_is_acknowledged_on_its_card(store: ProblemStore, operator: Browser, file: Path) -> None:
    told(store, DOWN, KEY, at=time.time())
    address = f"/actions/acknowledge?cause={CAUSE.replace(':', '%3A')}"
    assert f'href="{address}"' in operator.get("/problems").text
    assert f"You look after {CAUSE}: nobody else is told of it." in does(operator, file, address)
    assert {each.cause: each.acknowledged_by for each in store.live()} == {CAUSE: "ada (web)", KEY.cause: None}
    page = operator.get("/problems").text
    assert "Acknowledged by ada (web)" in read(page)
    assert f'href="{address}"' not in page
    assert "Nothing fits any more" in read(operator.get(address).text)


def test_a_problem_is_silenced_for_hours_with_a_reason(store: ProblemStore, operator: Browser, file: Path) -> None:
    told(store, KEY, at=time.time())
    address = "/actions/silence?cause=portal%3Akey-expires"
    assert f'href="{address}"' in operator.get("/problems").text
    asks = read(operator.get(address).text)
    assert "Why? It stands on the record" in asks
    assert "For how long" in asks
    said = does(operator, file, f"{address}&why=a+new+key+is+ordered&hours=24")
    assert "Nobody is told of portal:key-expires until" in said
    silence = store.silences(time.time())["portal:key-expires"]
    assert (silence.who, silence.why) == ("ada (web)", "a new key is ordered")
    assert 23.9 < (silence.until - time.time()) / 3600 < 24.1
    assert "a new key is ordered (ada (web))" in read(operator.get("/problems").text)
    with closing(AuditStore(f"sqlite:///{file}")) as audit:
        assert [(entry.verb, entry.target, entry.who) for entry in audit.latest(5)] == [
            ("silence", "portal:key-expires", "ada")
        ]


def test_a_viewer_sees_the_card_and_may_do_neither(store: ProblemStore, file: Path) -> None:
    told(store, DOWN, at=time.time())
    viewer = browser(file, role=Role.VIEWER, environ=ENVIRON)
    page = viewer.get("/problems").text
    assert "cannot be reached" in page
    assert "/actions/" not in page
    for verb in ("acknowledge", "silence"):
        assert viewer.get(f"/actions/{verb}?cause={CAUSE}").status_code == 403
        assert viewer.post(f"/actions/{verb}", {"cause": CAUSE, "count": "1"}).status_code == 403
    assert store.live()[0].acknowledged_at is None


@pytest.mark.parametrize("cause", ["nonsense", "portal:key-expires", "<b>:x y"])
def test_what_is_no_problem_cannot_be_acknowledged(store: ProblemStore, operator: Browser, cause: str) -> None:
    told(store, DOWN, at=time.time())
    answer = operator.post("/actions/acknowledge", {"cause": cause, "count": "1"})
    assert answer.status_code == 409
