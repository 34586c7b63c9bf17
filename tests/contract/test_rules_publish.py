"""`intake rules publish` and what goes with it, on a real database, with and without a broker's past."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from console.__main__ import app
from console.connect import door
from console.rules.publishing import Faults, Publishing
from shared.process.configuration import configuration
from shared.rules.file import RulesError, parse_rules
from shared.store.actions.action import State
from shared.store.actions.store import ActionStore
from shared.store.audit.store import AuditStore
from shared.store.rulebook.store import OvertakenError, RulebookStore

RULE = '# ours\n[[rule]]\nname = "{}"\nrooms = [7]\ndestination = 8\nnotify = ["slack://TokenA/B"]\n'
NOBODY = "amqp://guest:guest@127.0.0.1:1/"

Ask = Callable[..., Result]


@pytest.fixture
def environ(database_url: str) -> dict[str, str]:
    return {
        "AMQP_URL": NOBODY, "DATABASE_URL": database_url, "CLIENT_ROOM_ID": "1", "INCOMING_FOLDER_ID": "2",
        "MANAGER_EMAIL": "m@example.com",
    }  # fmt: skip


@pytest.fixture(autouse=True)
def no_broker_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """None answers at NOBODY: what else waits for one to come back has nothing to wait for."""
    monkeypatch.setattr(door, "CONNECT_S", 0.2)


@pytest.fixture
def ask(environ: dict[str, str], tmp_path: Path) -> Ask:
    def asked(*arguments: str, typed: str | None = None, code: int = 0, **more: str) -> Result:
        env = {"RULES_FILE": None, "DOCSPACE_API_HOST": None, "DOCSPACE_API_KEY": None} | environ | more
        found = CliRunner().invoke(app, ["rules", *arguments], env=env, input=typed)
        assert found.exit_code == code, found.output
        return found

    return asked


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "new.toml"
    found.write_text(RULE.format("acme"))
    return found


def test_what_is_published_is_kept_with_who_and_why_and_shown_without_secrets(ask: Ask, file: Path) -> None:
    done = ask("publish", str(file), "-m", "Acme joins", "--by", "anna", "--yes")
    assert "Version 1 is published. The workers follow within 5 s." in done.stdout
    assert "What would have changed over the last 7 days is not known: " in done.stderr
    (row,) = json.loads(ask("versions", "--json").stdout)
    told = configuration(parse_rules(file.read_bytes(), "")).rules
    assert {**row, "published": ""} == {
        "version": 1, "published": "", "by": "anna", "hash": told, "comment": "Acme joins", "live": True,
    }  # fmt: skip
    assert ask("export").stdout == file.read_text().replace("TokenA/B", "…")
    assert ask("export", "1", "--secrets").stdout == file.read_text()
    assert "Token" not in ask("versions").output + done.output


def test_going_back_makes_an_earlier_version_live(ask: Ask, file: Path) -> None:
    ask("publish", str(file), "-m", "one", "--yes")
    file.write_text(RULE.format("globex"))
    ask("publish", str(file), "-m", "two", "--yes")
    assert "Version 1 is published" in ask("back", "1", "--yes").stdout
    assert 'name = "acme"' in ask("export").stdout
    assert [(each["version"], each["live"]) for each in json.loads(ask("versions", "--json").stdout)] == [
        (2, False),
        (1, True),
    ]
    assert "no rules were published as version 7" in ask("back", "7", "--yes", code=1).stderr
    assert ask("export", "7", code=1).stdout == ""


def test_who_does_not_agree_publishes_nothing(ask: Ask, file: Path) -> None:
    ask("publish", str(file), "-m", "why", typed="n\n", code=1)
    assert json.loads(ask("versions", "--json").stdout) == []
    assert "no rules were published here" in ask("export", code=1).stderr


def test_rules_with_a_fault_are_named_and_not_published(ask: Ask, file: Path) -> None:
    file.write_text(RULE.format("acme").replace("destination = 8\n", ""))
    assert "destination: is missing" in ask("publish", str(file), "-m", "why", "--yes", code=2).stderr
    assert json.loads(ask("versions", "--json").stdout) == []


def test_a_rules_file_wins_and_publishing_says_so(ask: Ask, file: Path) -> None:
    done = ask("publish", str(file), "-m", "why", "--yes", RULES_FILE=str(file))
    assert f"RULES_FILE is set here and wins: the rules in {file} stay live" in done.stderr
    assert "The workers follow" not in done.stdout


def test_a_database_that_is_away_is_said_and_nothing_is_asked(ask: Ask, file: Path) -> None:
    away = "postgresql://intake:secret@127.0.0.1:1/intake"
    said = ask("publish", str(file), "-m", "why", "--yes", code=1, DATABASE_URL=away)
    assert "the published rules cannot be read" in said.stderr
    assert "secret" not in said.output


def test_a_portal_that_is_half_configured_keeps_nobody_from_publishing(ask: Ask, file: Path) -> None:
    said = ask("publish", str(file), "-m", "why", "--yes", DOCSPACE_API_HOST="https://portal.example.com")
    half = "the portal cannot be asked: DOCSPACE_API_HOST is set here and DOCSPACE_API_KEY is not"
    assert f"over the last 7 days is not known: {half}" in said.stderr
    assert "Version 1 is published" in said.stdout


def test_a_page_checks_publishes_and_sees_who_was_faster(environ: dict[str, str]) -> None:
    desk = Publishing(environ)
    assert isinstance(desk.check("[[rule]]"), Faults)
    assert desk.current() is None
    assert desk.publish(RULE.format("acme"), "anna", "", over=0) == 1
    with pytest.raises(OvertakenError):
        desk.publish(RULE.format("globex"), "ben", "", over=0)
    with pytest.raises(RulesError):
        desk.publish("[[rule]]", "ben", "")
    current = desk.current()
    assert current is not None
    assert (current.number, desk.overruled_by(), len(desk.versions())) == (1, None, 1)


def test_a_version_that_this_program_cannot_read_is_not_gone_back_to(environ: dict[str, str], ask: Ask) -> None:
    store = RulebookStore(environ["DATABASE_URL"])
    store.publish(RULE.format("acme") + "moons = 1\n", "tomorrow", "", rules_hash="")
    store.publish(RULE.format("acme"), "anna", "", rules_hash="")
    store.close()
    assert "moons: unknown key" in ask("back", "1", "--yes", code=2).stderr
    assert json.loads(ask("versions", "--json").stdout)[0]["live"]


def test_without_a_broker_the_rules_are_live_and_the_event_waits(ask: Ask, file: Path, database_url: str) -> None:
    said = ask("publish", str(file), "-m", "one", "--yes")
    assert "Version 1 is published. The workers follow within 5 s." in said.stdout
    assert "The event rules.published could not be sent: " in said.stderr
    actions = ActionStore(database_url)
    (action,) = actions.latest(9)
    actions.close()
    assert f"intake action resume {action.id}" in said.stderr
    assert (action.verb, action.state, action.done) == ("publish rules", State.RUNNING, 0)


def test_publishing_and_going_back_stand_on_the_audit(ask: Ask, file: Path, database_url: str) -> None:
    ask("publish", str(file), "-m", "one", "--yes")
    ask("back", "1", "--yes")
    audit = AuditStore(database_url)
    entries = audit.latest(10)
    audit.close()
    assert [(entry.verb, entry.target, entry.result) for entry in entries] == [
        ("go back to rules", "the rules", "version 1 is live"),
        ("publish rules", "the rules", "version 1 is live"),
    ]


def test_the_published_rules_are_the_ones_that_are_shown(ask: Ask, file: Path) -> None:
    assert 'default\n  An upload to room 1 whose title starts with "invoice"' in ask("show").stdout
    ask("publish", str(file), "-m", "one", "--yes")
    assert "acme\n  An upload to room 7 whose" in ask("show").stdout
