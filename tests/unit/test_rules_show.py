"""`rules show`: the rules in sentences, and which workers run with them, told by real health ports."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console.__main__ import app
from shared.process.configuration import Configuration, configuration
from shared.rules.file import load_rules
from shared.store.history.step import Outcome, Step
from shared.store.history.store import Store
from shared.store.history.tables import Database
from tests.unit.test_configured import STAGES, page_of

RULES = """
[[rule]]
name = "acme"
rooms = [86190, 86200]
titles = ["invoice", "glob:*rechnung*"]
destination = 748239
recipients = ["manager@acme.example"]
notify = ["slack://token-a/token-b/token-c"]

[[rule]]
name = "old"
enabled = false
rooms = [1]
triggers = ["file.updated"]
destination = 2
recipients = ["m@example.com"]
"""
CAME = Step(
    key="1", correlation_id="c", at=1_000, stage="classifier", outcome=Outcome.FORWARD, type="invoice.detected",
    message_id="m", room="86190", room_title="Acme \x1b[31mLtd",
)  # fmt: skip


class Desk:
    def __init__(self, folder: Path) -> None:
        file = folder / "rules.toml"
        file.write_text(RULES)
        self.configuration = configuration(load_rules(file))
        url = f"sqlite:///{folder}/ledger.db"
        database = Database(url)
        database.create()
        Store(database).record([CAME], 1)
        database.close()
        self.environ = {"RULES_FILE": str(file), "DATABASE_URL": url}

    def show(self, *arguments: str, workers: list[tuple[str, Configuration]]) -> Any:
        urls = ",".join(page_of(*each) for each in workers)
        return CliRunner().invoke(app, ["rules", "show", *arguments], env={**self.environ, "HEALTH_URLS": urls})


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_rules_are_sentences_with_the_names_that_the_history_knows(desk: Desk) -> None:
    told = desk.show(workers=[(stage, desk.configuration) for stage in STAGES])
    assert (told.exit_code, told.stderr) == (0, "")
    text = " ".join(told.stdout.split())
    assert (
        'acme An upload to "Acme \\x1b[31mLtd" (room 86190) or room 86200 whose title starts with "invoice" or '
        'matches "glob:*rechnung*" is filed in folder 748239. Told: manager@acme.example, slack.'
    ) in text
    assert "old (disabled) An upload to room 1 whose" in text
    assert "It looks at file.updated." in text
    assert text.endswith("✓ 3 workers run with these rules")
    assert "token" not in told.output


def test_a_worker_with_other_rules_is_named_and_exit_code_1(desk: Desk) -> None:
    other = replace(desk.configuration, rules="dddddddddddd")
    told = desk.show(workers=[("classifier", desk.configuration), ("mover", other)])
    assert told.exit_code == 1
    assert "✓ The classifier runs with these rules" in told.stdout
    assert "! the mover at http://127.0.0.1:" in told.stdout
    assert "runs with other rules: restart it" in told.stdout
    assert "? of notifier it is not known\n" in told.stdout


def test_without_addresses_nothing_is_said_to_be_live(desk: Desk) -> None:
    told = desk.show(workers=[])
    assert told.exit_code == 0
    assert "✓" not in told.stdout
    assert "? of classifier, mover, notifier it is not known: HEALTH_URLS says where they are asked" in told.stdout


def test_a_program_gets_rules_names_and_workers(desk: Desk) -> None:
    told = json.loads(desk.show("--json", workers=[("mover", desk.configuration)]).stdout)
    assert [rule["name"] for rule in told["rules"]] == ["acme", "old"]
    assert told["rules"][0]["room_titles"] == ["Acme \x1b[31mLtd", None]
    assert [(each["stage"], each["same"]) for each in told["workers"]] == [("mover", True)]
    assert told["unknown"] == ["classifier", "notifier"]


TOLD = """
[[recipient]]
address = "Manager@acme.example"
hours = "Mon-Fri 08:00-18:00"
deputy = "ben@acme.example"
deputy_until = 2026-12-24

[[recipient]]
address = "nobody@acme.example"
language = "pl"
"""


def test_how_people_are_told_is_shown_and_who_no_rule_names_is_noted(tmp_path: Path) -> None:
    text = RULES.replace('recipients = ["manager', 'digest = ["08:00"]\nrecipients = ["room-managers", "manager')
    file = tmp_path / "rules.toml"
    file.write_text(text + TOLD)
    shown = CliRunner().invoke(app, ["rules", "show"], env={"RULES_FILE": str(file)})
    checked = CliRunner().invoke(app, ["rules", "check", str(file)])
    for told in (shown, checked):
        lines = " ".join(told.stdout.split())
        assert "the managers of the room, manager@acme.example, slack" in lines
        assert (
            "Manager@acme.example: within Mon-Fri 08:00-18:00, until 2026-12-24 ben@acme.example instead" in lines
        )
        assert "nobody@acme.example: in pl (no rule names this address" in lines
        assert lines.count("no rule names") == 1
    assert "How: at 08:00." in shown.stdout
    assert "  how      at 08:00" in checked.stdout


def test_a_program_gets_what_comes_of_recipient_and_rule(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(RULES.replace("notify", 'digest = "every 60 seconds"\nnotify') + TOLD)
    (rule, _) = json.loads(CliRunner().invoke(app, ["rules", "check", "--json", str(file)]).stdout)
    told = rule["telling"]["manager@acme.example"]
    assert (rule["digest"], rule["hours"]) == ("every 1 minute", None)
    assert (told["digest"], told["hours"], told["deputy_until"]) == (
        "every 1 minute", "Mon-Fri 08:00-18:00", "2026-12-24",
    )  # fmt: skip
    shown = json.loads(CliRunner().invoke(app, ["rules", "show", "--json"], env={"RULES_FILE": str(file)}).stdout)
    assert [(each["address"], each["named"]) for each in shown["recipients"]] == [
        ("Manager@acme.example", True),
        ("nobody@acme.example", False),
    ]
