"""What no rule took is told once a day, over a real mail server: to whom, of what, and never twice."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from console.not_taken.run import Daily
from console.operator.times import DAY_S
from console.reconcile.settings import Settings
from shared.announcing.not_taken import Untaken
from shared.process.settings import load
from shared.smtp.sender import SmtpSender
from shared.store.history.tables import Database
from shared.store.problems.turns import Turns
from shared.text.codes import Code
from tests.integration.mail.inbox import SENDERS, Inbox
from tests.support.stories import ROOM, Past

EIGHT = datetime(2026, 11, 27, 8, tzinfo=UTC).timestamp()
MINUTE_S = 60
RULES = f"""
[[rule]]
name = "acme"
rooms = [{ROOM}]
titles = ["invoice"]
destination = 748239
recipients = ["Anna@example.com", "ben@example.com"]

[[rule]]
name = "globex"
rooms = [99]
destination = 748240
recipients = ["ben@example.com"]

[[recipient]]
address = "anna@example.com"
language = "de"
not_taken = "08:00"
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture
def past(url: str) -> Iterator[Past]:
    with contextlib.closing(Past(url)) as made:
        yield made


Make = Callable[..., Daily]


@pytest.fixture
def daily(url: str, tmp_path: Path, serve: Callable[..., str]) -> Iterator[Make]:
    """As another reconciler's process would make it."""
    rules, server = tmp_path / "rules.toml", serve()
    with contextlib.ExitStack() as stack:

        def make(text: str = RULES) -> Daily:
            rules.write_text(text)
            environ = {
                "DATABASE_URL": url, "RULES_FILE": str(rules), "DOCSPACE_API_HOST": "http://127.0.0.1:9",
                "DOCSPACE_API_KEY": "sk-none", "SMTP_URL": f"smtp://{server}",
            }  # fmt: skip
            settings = load(Settings, environ)
            through = SmtpSender(settings.smtp_url.get_secret_value(), settings.mail_from)
            SENDERS.append(through)
            turns = stack.enter_context(contextlib.closing(Turns(url)))
            history = stack.enter_context(contextlib.closing(Database(url)))
            return Daily(settings, turns, history, through)

        yield make


def untaken(past: Past, title: str, at: float, code: Code = Code.NO_RULE, **facts: str | int) -> None:
    past.upload(title, at, **facts).skipped(at + 1, "no rule took it", code)


def test_one_message_a_day_names_what_only_its_title_kept_out(past: Past, inbox: Inbox, daily: Make) -> None:
    untaken(past, "Rechnung 77.pdf", EIGHT - 3600)
    untaken(past, "Rechnung 78.pdf", EIGHT - 60)
    untaken(past, "Elsewhere.pdf", EIGHT - 50, room=99, room_title="Globex")
    untaken(past, "Again.pdf", EIGHT - 40, Code.ALREADY_FILED)
    untaken(past, "Invoice 5.pdf", EIGHT - 30)  # the rules of now take it
    untaken(past, "Tomorrow's.pdf", EIGHT + 10)
    past.upload("Invoice 4.pdf", EIGHT - 20).done(EIGHT - 10)
    running = daily()
    running.tell(EIGHT + MINUTE_S)
    assert inbox.letters == []  # what was decided just now may not stand in the history yet
    for later in (3, 4, 600):
        running.tell(EIGHT + later * MINUTE_S)
    [letter] = inbox.letters
    assert letter["To"] == "anna@example.com"
    assert letter["Subject"] == "Acme Ltd: Nicht als Rechnungen übernommen: 2 Dateien"
    part = letter.get_body(("plain",))
    assert part is not None
    text = part.get_content()
    assert [line for line in text.splitlines() if line.endswith(".pdf")] == ["Rechnung 77.pdf", "Rechnung 78.pdf"]
    assert "Die Regel „acme“ nimmt diese Titel: invoice" in text
    assert "ergänzen Sie ihre Titel um: rechnung" in text
    running.tell(EIGHT + DAY_S + 3 * MINUTE_S)
    assert [each["Subject"] for each in inbox.letters[1:]] == [
        "Acme Ltd: Nicht als Rechnung übernommen: Tomorrow's.pdf"
    ]


def test_a_day_without_any_has_no_message_and_the_next_begins_after_it(
    past: Past, inbox: Inbox, daily: Make
) -> None:
    running = daily()
    untaken(past, "Rechnung 1.pdf", EIGHT - 2 * DAY_S)
    running.tell(EIGHT + 3 * MINUTE_S)
    assert inbox.letters == []
    untaken(past, "Rechnung 2.pdf", EIGHT + 60)
    daily().tell(EIGHT + 3 * DAY_S)  # nothing ran for three days
    assert [each["Subject"] for each in inbox.letters] == [
        "Acme Ltd: Nicht als Rechnung übernommen: Rechnung 2.pdf"
    ]


def test_what_the_history_learns_late_of_is_told_the_next_day(past: Past, inbox: Inbox, daily: Make) -> None:
    running = daily()
    untaken(past, "Rechnung 1.pdf", EIGHT - 60)
    running.tell(EIGHT + 3 * MINUTE_S)
    untaken(past, "Rechnung 0.pdf", EIGHT - 120)
    running.tell(EIGHT + DAY_S + 3 * MINUTE_S)
    running.tell(EIGHT + 2 * DAY_S + 3 * MINUTE_S)
    assert [each["Subject"].split(": ")[-1] for each in inbox.letters] == ["Rechnung 1.pdf", "Rechnung 0.pdf"]


def test_what_another_process_told_meanwhile_is_not_told_again(
    past: Past, inbox: Inbox, daily: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    untaken(past, "Rechnung 1.pdf", EIGHT - 60)
    late, now = daily(), EIGHT + 3 * MINUTE_S
    look = late._found

    def looked_while_another_told(*asked: Any) -> dict[str, Untaken]:
        found = look(*asked)
        daily().tell(now)
        return found

    monkeypatch.setattr(late, "_found", looked_while_another_told)
    late.tell(now)
    assert len(inbox.letters) == 1


def test_of_two_processes_at_once_one_tells_it(past: Past, inbox: Inbox, daily: Make) -> None:
    both, days = (daily(), daily()), range(8)
    for day in days:
        untaken(past, f"Rechnung {day}.pdf", EIGHT + day * DAY_S - 60)
        with ThreadPoolExecutor() as pool:
            for told in [pool.submit(each.tell, EIGHT + day * DAY_S + 3 * MINUTE_S) for each in both]:
                told.result()
    assert [each["Subject"].split(": ")[-1] for each in inbox.letters] == [f"Rechnung {day}.pdf" for day in days]


def test_a_refused_message_comes_with_the_next_look(past: Past, inbox: Inbox, daily: Make) -> None:
    untaken(past, "Rechnung 1.pdf", EIGHT - 60)
    inbox.answers["RCPT"] = ["450 later"]
    running = daily()
    running.tell(EIGHT + 3 * MINUTE_S)
    assert inbox.letters == []
    running._turns.failed("mail:anna@example.com", "450 later", 0)  # its pause is over
    running.tell(EIGHT + 5 * MINUTE_S)
    assert len(inbox.letters) == 1


def test_a_deputy_is_told_in_place_of_who_is_away(past: Past, inbox: Inbox, daily: Make) -> None:
    untaken(past, "Rechnung 1.pdf", EIGHT - 60)
    daily(RULES + 'deputy = "Eve@example.com"\ndeputy_until = 2026-11-27\n').tell(EIGHT + 3 * MINUTE_S)
    daily(RULES).tell(EIGHT + 4 * MINUTE_S)
    assert [each["To"] for each in inbox.letters] == ["Eve@example.com"]


def test_what_lies_in_another_rules_room_is_not_told(past: Past, inbox: Inbox, daily: Make) -> None:
    untaken(past, "Rechnung 1.pdf", EIGHT - 60)
    daily(RULES.replace("rooms", "rooms = [77]\n#")).tell(EIGHT + 3 * MINUTE_S)
    assert inbox.letters == []
