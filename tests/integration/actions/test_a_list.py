"""An action about all that a list shows: the same filter and count, counted again; a real broker, made uploads."""

import html
import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from console.actions.ask import MOST, Actions, CountChangedError
from console.actions.listed import PART
from console.actions.run import run
from console.actions.site import Site
from console.actions.verb import BadFilterError
from console.connect.door import Door
from shared.amqp.operator.dead_letters import DeadLetters
from shared.runtime.ladder import Ladder
from shared.runtime.settle import Settler
from shared.store.actions.action import State
from shared.store.people.person import Role
from shared.text.codes import Code
from shared.wire.outcome import Dead
from shared.wire.stages import STAGES
from tests.integration.actions.conftest import ANNA
from tests.integration.web_pages.test_acting import form_of, read
from tests.support.stories import Past, Told
from tests.support.web import Browser, browser, close_all

DELAYS_S = (1, 2)
LONG_AGO_S = 40 * 86_400
FULL = "/uploads?state=needs-a-person&q=bulk"


@pytest.fixture
def site(any_vhost_url: str, tmp_path: Path) -> Site:
    return Site((any_vhost_url,), f"sqlite:///{tmp_path}/ledger.db", DELAYS_S)


@pytest.fixture
def past(site: Site) -> Iterator[Past]:
    with closing(Past(site.database_url)) as made:
        yield made


@pytest.fixture
def operator(site: Site, past: Past, tmp_path: Path) -> Iterator[Browser]:
    environ = {"AMQP_URL": site.amqp_urls[0], "RETRY_DELAYS_S": "1,2"}
    yield browser(tmp_path / "ledger.db", role=Role.OPERATOR, environ=environ)
    close_all()


def die(site: Site, past: Past, titles: Sequence[str], *, at: float | None = None) -> list[Told]:
    """Each is a dead letter of the mover's, and the history says so."""
    at = time.time() - 3600 if at is None else at
    settler, told = Settler("mover", Ladder(DELAYS_S, 60), "mover", "mover@host:1"), []
    with Door(site.amqp_urls, DELAYS_S, STAGES, "test") as door, past.at_once():
        for number, title in enumerate(titles):
            upload = past.upload(title, at + number / 100).detected(at + number / 100)
            outcome = Dead("no right to move it", Code.NO_RIGHT)
            settlement = settler.settle(upload.message, outcome, at + number / 100 + 0.001)
            door.publish(settlement.publication)
            past.keep(settlement.publication)
            told.append(upload)
    return told


def waiting(site: Site) -> list[str]:
    """The uploads whose dead letters wait for a person."""
    with DeadLetters(site.amqp_urls) as letters:
        return [str(letter.properties["correlation_id"]) for letter in letters.read("mover")]


def button(page: str, text: str) -> str:
    found = re.search(rf'<a role="button"[^>]* href="([^"]+)">{re.escape(text)}', page)
    assert found, f"no button {text}"
    return html.unescape(found[1])


def sends(operator: Browser, address: str, form: dict[str, list[str]]) -> tuple[int, str]:
    answer = operator.post(address.partition("?")[0], form)
    return answer.status_code, answer.headers.get("location") or answer.text


@pytest.mark.timeout(600)
def test_over_a_thousand_are_counted_and_taken_a_thousand_at_once(site: Site, past: Past) -> None:
    """With the button's own filter. Reading so many letters takes longer on a busy machine than a page may take."""
    many = die(site, past, [f"Bulk {number}.pdf" for number in range(MOST + 40)])
    others = die(site, past, ["Other 1.pdf", "Other 2.pdf"])
    wanted = {PART: {"words": ["bulk"], "standing": "needs a person"}}
    with Actions(site) as actions:
        plan = actions.prepare("retry", wanted)
        assert (plan.count, plan.at_once) == (MOST + 40, MOST)
        said = "1000 dead letters, of all uploads with 'bulk', in the state 'needs a person' will be sent back"
        assert plan.will.startswith(said)
        assert "first of 1,040, as at most 1,000 are done at once: ask again for the rest" in plan.will
        assert run(site, actions.start(plan, ANNA))
        assert sorted(waiting(site)) == sorted(each.id for each in (*many[MOST:], *others))
        with pytest.raises(CountChangedError, match="1040 were shown, and 40 fit now"):
            actions.start(plan, ANNA)
        assert run(site, actions.start(actions.prepare("retry", wanted), ANNA))
    assert sorted(waiting(site)) == sorted(each.id for each in others)


def test_a_list_of_over_a_thousand_says_that_a_thousand_are_done_at_once(past: Past, operator: Browser) -> None:
    at = time.time() - 3600
    with past.at_once():
        for number in range(MOST + 1):
            past.upload(f"Bulk {number}.pdf", at + number / 100).detected(at).died("mover", at, "no right")
    page = operator.get(FULL).text
    assert "At most 1,000 are done at once; the rest by the next." in read(page)
    address = button(page, "Try all that match again (more than 1,000)")
    assert "seen=" not in address


def test_if_others_match_by_now_nothing_is_done_and_the_filter_is_asked_about_anew(
    site: Site, past: Past, operator: Browser
) -> None:
    before = die(site, past, ["Bulk 1.pdf", "Bulk 2.pdf"])
    address = button(operator.get(FULL).text, "Try all that match again (2)")
    form = form_of(operator.get(address).text)
    after = die(site, past, ["Bulk 3.pdf", "Other.pdf"])
    code, page = sends(operator, address, form)
    assert code == 409
    assert "2 were shown, and 3 fit now. Nothing was done: look again." in read(page)
    assert len(waiting(site)) == 4
    assert form_of(page) == {**form, "count": ["3"]}, "the filter stays, and the count is the new one"
    assert "The list showed 2. This can be done to 3 of what matches now." in read(operator.get(address).text)
    assert sends(operator, address, form_of(page))[0] == 303
    with Actions(site) as actions:
        (action,) = actions.latest()
    assert action.filter == {PART: {"words": ["bulk"], "standing": "needs a person"}}
    assert (action.count, action.state) == (3, State.WAITING)
    assert run(site, action.id)
    assert waiting(site) == [after[1].id]
    assert before[0].id not in waiting(site)


def test_a_day_in_the_list_is_the_day_that_was_seen_whenever_it_is_sent(
    site: Site, past: Past, operator: Browser
) -> None:
    old = die(site, past, ["Bulk old.pdf"], at=time.time() - LONG_AGO_S)
    die(site, past, ["Bulk new.pdf"], at=time.time() - 5)
    address = button(operator.get(f"{FULL}&from=today").text, "Try all that match again (1)")
    (sent,) = form_of(operator.get(address).text)[PART]
    assert 0 < time.time() - json.loads(sent)["from_at"] <= 86_400
    assert "from" not in form_of(operator.get(address).text)
    code, told = sends(operator, address, form_of(operator.get(address).text))
    assert code == 303
    assert run(site, told.rpartition("/")[2])
    assert waiting(site) == [old[0].id]


def test_a_reason_is_asked_for_before_all_that_match_are_put_away(
    site: Site, past: Past, operator: Browser
) -> None:
    _, other = die(site, past, ["Bulk 1.pdf", "Other.pdf"])
    address = button(operator.get(FULL).text, "Put all that match away (1)…")
    first = form_of(operator.get(address).text)
    again = f"/actions/put-away?why=a+test&uploads={quote(first[PART][0])}"
    code, told = sends(operator, again, form_of(operator.get(again).text))
    assert code == 303
    assert run(site, told.rpartition("/")[2])
    assert waiting(site) == [other.id]


@pytest.mark.parametrize(
    "query",
    [
        "state=needs-a-person&q=https://portal.example.com/somewhere",
        "state=needs-a-person&from=the-day-before",
        "state=nonsense",
    ],
)
def test_a_list_that_does_not_say_which_is_no_filter_of_an_action(
    site: Site, past: Past, operator: Browser, query: str
) -> None:
    (letter,) = die(site, past, ["Bulk 1.pdf"])
    assert "/actions/" not in operator.get(f"/uploads?{query}").text
    assert operator.get(f"/actions/retry?all=1&{query}").status_code == 400
    assert operator.get(f"/actions/retry?all=1&state=needs-a-person&q={letter.id[:8]}").status_code == 400


@pytest.mark.parametrize(
    "part",
    [
        "all of them", ["bulk"], {"words": "bulk"}, {"words": [1]}, {"room": 7}, {"standing": "green"},
        {"from_at": "today"}, {"until_at": 1e300}, {"from_at": True}, {"q": "bulk"},
    ],
)  # fmt: skip
def test_what_is_no_filter_of_a_list_is_refused_before_anything_is_counted(
    site: Site, past: Past, part: object
) -> None:
    with Actions(site) as actions, pytest.raises(BadFilterError):
        actions.prepare("retry", {PART: part})


def test_mails_and_next_tries_of_a_list_are_those_of_its_filter(site: Site, past: Past, operator: Browser) -> None:
    now = time.time()
    past.upload("Bulk filed.pdf", now - 100).done(now - 100)
    past.upload("Other filed.pdf", now - 90).done(now - 90)
    for title in ("Bulk waits.pdf", "Bulk waits too.pdf", "Other waits.pdf"):
        past.upload(title, now - 80).detected(now - 79).retried("mover", now - 70, "no answer")
    past.upload("Bulk minutes.pdf", now - 60).skipped(now - 59, "no rule")
    for state, text, said in (
        ("filed", "Send the mails of all that match again (1)", "whoever is to know of 1 filed invoice, of all"),
        ("on-its-way", "Try all that match now (2)", "2 uploads, of all uploads with 'bulk'"),
        ("not-an-invoice", "File all that match anyway (1)…", ""),
    ):
        address = button(operator.get(f"/uploads?state={state}&q=bulk").text, text)
        asks = read(operator.get(address).text)
        assert said.lower() in asks.lower()
    with Actions(site) as actions:
        wanted = {PART: {"words": ["bulk"]}, "destination": "5", "recipients": ["a@example.com"]}
        assert actions.prepare("file anyway", wanted).count == 1
