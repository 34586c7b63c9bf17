"""The rules changed on the pages: the text, its faults, what would change, publishing, going back. Real SQLite."""

import html
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from falcon.testing import Result

from shared.rules.file import parse_rules
from shared.store.people.person import Role
from shared.store.rulebook.store import RulebookStore
from tests.contract.web_pages.conftest import ENVIRON, NOW
from tests.contract.web_pages.test_pages import read
from tests.support.web import Browser, browser

RULES = """# ours
[[rule]]
name = "acme"  # first
rooms = [86190]
destination = 8
notify = ["slack://TokenA/B", "tgram://Bot/Chat"]
"""
WIDER = RULES.replace("notify", 'titles = ["invoice", "bill"]\nnotify')
FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@pytest.fixture
def store(file: Path) -> Iterator[RulebookStore]:
    with closing(RulebookStore(f"sqlite:///{file}")) as made:
        yield made


def published(store: RulebookStore, text: str = RULES, by: str = "anna", why: str = "Acme joins") -> int:
    return store.publish(text, by, why, rules_hash="h")


def form(answer: Result) -> dict[str, str]:
    """What a browser would send with it, were nothing changed."""
    page = answer.text.partition("<main")[2]
    text = page.partition("<textarea")[2].partition(">\n")[2].partition("</textarea>")[0]
    return {**dict(FIELD.findall(page)), "text": html.unescape(text).replace("\n", "\r\n")}


def opened(pages: Browser, **changed: str) -> dict[str, str]:
    answer = pages.get("/rules/edit")
    assert answer.status_code == 200, read(answer.text)
    return {**form(answer), **changed}


def checked(pages: Browser, **changed: str) -> tuple[str, dict[str, str]]:
    answer = pages.post("/rules/check", opened(pages, **changed))
    assert answer.status_code == 200, read(answer.text)
    return read(answer.text), {**form(answer), "comment": "Bills too"}


def tables(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as database:
        return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_what_was_published_is_listed_with_who_when_why_and_which_is_live(pages, past, store):
    published(store)
    published(store, WIDER, "ben", "Bills too")
    text = read(pages.get("/rules").text)
    assert re.search(
        r"Version 2 ✓ live \d{4}-\d\d-\d\d \d\d:\d\d ben Bills too Version 1 20\S+ \S+ anna Acme joins", text
    )
    assert "They are published ones." in text


def test_who_only_reads_makes_no_tables_of_rules(pages, past, file):
    for path in ("/rules", "/rules/edit", "/rules/versions/1"):
        pages.get(path)
    assert "history_uploads" in tables(file)
    assert not {name for name in tables(file) if name.startswith("rulebook")}


def test_the_first_text_is_the_rule_of_the_three_variables(pages, past):
    text = opened(pages)["text"]
    (rule,) = parse_rules(text.encode(), "").rules
    assert (rule.name, rule.rooms, rule.destination) == ("default", ("86190",), 748239)


def test_a_text_is_edited_with_its_comments_and_without_its_secrets(pages, past, store):
    published(store)
    text = opened(pages)["text"].replace("\r\n", "\n")
    assert text == RULES.replace("TokenA/B", "…1").replace("Bot/Chat", "…2")


def test_every_fault_is_said_and_what_was_written_stays(pages, past, store):
    published(store)
    broken = '[[rule]]\nname = "x"\nroms = [1]\n# mine\n'
    answer = pages.post("/rules/check", opened(pages, text=broken))
    text = read(answer.text)
    assert "destination: is missing" in text
    assert "roms: unknown key" in text
    assert "# mine" in form(answer)["text"]
    assert "Publish" not in text
    assert pages.post("/rules/publish", {**form(answer), "comment": "x"}).status_code == 400
    assert len(store.versions()) == 1


@pytest.mark.parametrize("mark", ["slack://…3", "slack://…", "discord://…1", "slack://…1/more"])
def test_a_mark_that_stands_for_nothing_is_a_fault(pages, past, store, mark):
    published(store)
    sent = opened(pages)
    answer = pages.post("/rules/check", {**sent, "text": sent["text"].replace("slack://…1", mark)})
    assert "line 6: " in read(answer.text)
    assert "stands for no URL that was there" in read(answer.text)


def test_it_is_shown_what_would_have_changed_by_the_history_alone(pages, past, store):
    published(store)
    past.upload("Bill 7.pdf", NOW - 3600).skipped(NOW - 3599, "no rule")
    past.upload("Bill old.pdf", NOW - 8 * 86_400).skipped(NOW - 8 * 86_400, "no rule")
    past.upload("Invoice 1.pdf", NOW - 1800).done(NOW - 1800)
    past.upload("Bill elsewhere.pdf", NOW - 900, room=5, room_title="Beta").skipped(NOW - 899, "no rule")
    text, _ = checked(pages, text=WIDER.replace("TokenA/B", "…1").replace("Bot/Chat", "…2"))
    assert "1 would change, 2 stay the same, 0 unknown." in text
    assert re.search(r"Bill 7.pdf Acme Ltd \S+ \S+ .*an invoice: rule acme, to folder 8", text)
    assert "Looked at is the history alone" in text


def test_a_checked_text_is_published_with_its_secrets_and_stands_in_the_audit(pages, past, store, file):
    published(store)
    sent = opened(pages)
    _, sent = checked(pages, text=sent["text"].replace("notify", 'titles = ["bill"]\r\nnotify'))
    answer = pages.post("/rules/publish", sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/rules")
    live = store.current()
    assert live is not None
    assert (live.number, live.by, live.comment) == (2, "ada", "Bills too")
    assert live.text == RULES.replace("notify", 'titles = ["bill"]\nnotify')
    audit = read(pages.get("/audit").text)
    assert "publish rules" in audit
    assert "Bills too" in audit
    assert "Token" not in audit
    assert "Version 2 ✓ live" in read(pages.get("/rules").text)


def test_marks_that_were_moved_or_taken_out_keep_each_its_url(pages, past, store):
    published(store)
    sent = opened(pages)
    moved = sent["text"].replace('"slack://…1", "tgram://…2"', '"tgram://…2", "slack://New"')
    _, sent = checked(pages, text=moved)
    assert pages.post("/rules/publish", sent).status_code == 303
    assert '["tgram://Bot/Chat", "slack://New"]' in store.versions()[0].text


def test_a_text_that_was_changed_after_the_check_is_not_published(pages, past, store):
    published(store)
    _, sent = checked(pages)
    answer = pages.post("/rules/publish", {**sent, "text": sent["text"].replace("= 8", "= 9")})
    assert answer.status_code == 409
    assert "the text is not the one that was checked" in read(answer.text)
    assert len(store.versions()) == 1
    assert pages.post("/rules/publish", {**form(answer), "comment": "nine"}).status_code == 303


def test_nothing_is_published_without_a_reason(pages, past, store):
    published(store)
    _, sent = checked(pages)
    assert pages.post("/rules/publish", {**sent, "comment": " "}).status_code == 400
    assert len(store.versions()) == 1


def test_who_was_overtaken_sees_both_and_may_publish_over_it(pages, past, store):
    published(store)
    _, sent = checked(pages)
    published(store, RULES.replace("acme", "globex"), "ben", "Globex joins")
    answer = pages.post("/rules/publish", sent)
    assert answer.status_code == 409
    text = read(answer.text)
    assert "Nothing was published. the rules are others by now: ben made version 2 live" in text
    assert 'name = "globex"' in text
    assert 'name = "acme"' in form(answer)["text"]
    assert "Token" not in answer.text
    assert len(store.versions()) == 2
    assert "failed: the rules are others by now" in read(pages.get("/audit").text)
    assert pages.post("/rules/publish", {**form(answer), "comment": "mine"}).status_code == 303
    assert store.versions()[0].text == RULES


def test_a_version_is_shown_masked_and_made_live_again(pages, past, store):
    published(store)
    published(store, WIDER, "ben", "Bills too")
    answer = pages.get("/rules/versions/1")
    text = read(answer.text)
    assert "slack://…" in text
    assert "Token" not in answer.text
    assert "0 would change, 0 stay the same, 0 unknown." in text
    sent = {**dict(FIELD.findall(answer.text)), "comment": "no bills"}
    assert pages.post("/rules/versions/1/live", sent).headers["location"] == "/rules"
    live = store.current()
    assert live is not None
    assert live.number == 1
    assert store.switches()[0].comment == "no bills"
    assert "go back to rules" in read(pages.get("/audit").text)


def test_who_was_overtaken_goes_back_to_no_version(pages, past, store):
    published(store)
    published(store, WIDER)
    sent = dict(FIELD.findall(pages.get("/rules/versions/1").text))
    published(store, RULES.replace("acme", "globex"), "ben")
    answer = pages.post("/rules/versions/1/live", sent)
    assert answer.status_code == 409
    assert "ben made version 3 live" in read(answer.text)
    assert 'name = "globex"' in read(answer.text)
    assert store.switches()[0].version == 3


def test_publishing_going_back_and_being_overtaken_are_actions_that_are_listed(pages, past, store):
    published(store)
    _, sent = checked(pages)
    assert pages.post("/rules/publish", sent).status_code == 303
    assert pages.post("/rules/versions/1/live", {"over": "2"}).status_code == 303
    assert pages.post("/rules/versions/2/live", {"over": "2"}).status_code == 409
    text = read(pages.get("/activity").text)
    assert text.count("publish rules (1) ada (web)") == 3
    assert text.count("waiting: 0 of 1 done") + text.count("running: 0 of 1 done") == 2
    assert text.count("done: 0 of 1 done, ✗ 1 failed") == 1


def test_who_acts_on_uploads_tells_of_no_rules_that_nobody_published(file, past, store):
    operator = browser(file, role=Role.OPERATOR, environ=ENVIRON, clock=lambda: NOW)
    for answer in (
        operator.get("/actions/publish-rules?switch=1"),
        operator.post("/actions/publish-rules", {"count": "1", "switch": "1"}),
    ):
        assert answer.status_code >= 400
        assert "Rules are published under Rules" in read(answer.text)
    assert "Nobody has asked for anything yet" in read(operator.get("/activity").text)


def test_a_version_that_this_program_cannot_read_is_not_gone_back_to(pages, past, store):
    published(store, RULES + "moons = 1\n")
    published(store)
    assert "moons: unknown key" in read(pages.get("/rules/versions/1").text)
    assert pages.post("/rules/versions/1/live", {"over": "2"}).status_code == 409
    assert store.switches()[0].version == 2


def test_with_a_rules_file_the_pages_only_show_and_say_so(file, past, store):
    published(store)
    rules = file.with_name("rules.toml")
    rules.write_text(RULES.replace("acme", "filed here"))
    pages = browser(file, environ={**ENVIRON, "RULES_FILE": str(rules)}, clock=lambda: NOW)
    answer = pages.get("/rules")
    text = read(answer.text)
    assert "filed here" in text
    assert "which wins over what is published" in text
    assert "not live: RULES_FILE wins" in text
    assert "/rules/edit" not in answer.text
    for refused in (
        pages.get("/rules/edit"),
        pages.post("/rules/check", {"text": RULES, "over": "1", "base": "1"}),
        pages.post("/rules/publish", {"text": RULES, "over": "1", "base": "1", "comment": "x"}),
        pages.post("/rules/versions/1/live", {"over": "1"}),
    ):
        assert refused.status_code == 409
        assert "RULES_FILE is set and wins" in read(refused.text)
    assert len(store.switches()) == 1


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_who_is_no_admin_sees_versions_and_is_offered_no_change(file, past, store, role):
    published(store)
    published(store, WIDER)
    pages = browser(file, role=role, environ=ENVIRON, clock=lambda: NOW)
    assert "/rules/edit" not in pages.get("/rules").text
    version = pages.get("/rules/versions/1")
    assert version.status_code == 200
    assert "Token" not in version.text
    assert "<form" not in version.text.partition("<main")[2]
    assert pages.get("/rules/edit").status_code == 403


def test_a_secret_that_cannot_be_masked_is_not_shown_to_be_edited(pages, past, store):
    published(store, RULES.replace("slack://TokenA", "slack:\\u002f/TokenA"))
    answer = pages.get("/rules/edit")
    assert answer.status_code == 409
    assert "intake rules export --secrets" in read(answer.text)
    assert "Token" not in answer.text + pages.get("/rules/versions/1").text


def test_published_rules_are_those_that_an_upload_is_explained_by(pages, past, store):
    published(store)
    told = past.upload("Bill.pdf", NOW - 60).skipped(NOW - 59, "no rule")
    assert "Rule acme" in read(pages.get(f"/uploads/{told.id}").text)


def test_where_the_history_does_not_tell_the_room_the_title_alone_may_decide(pages, past, store):
    published(store, RULES.replace("86190", "77"))  # nothing says that 77 is a room
    past.upload("Minutes.docx", NOW - 60).skipped(NOW - 59, "no rule")
    past.upload("Invoice.pdf", NOW - 50).skipped(NOW - 49, "no rule")
    text, _ = checked(pages)
    assert "0 would change, 1 stay the same, 1 unknown." in text
