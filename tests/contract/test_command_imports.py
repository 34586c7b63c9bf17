"""A command loads what it needs, no more: counted in modules, as the clock of a busy machine says little."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer import Context
from typer.core import TyperGroup
from typer.main import get_group

from console.__main__ import app
from console.commands import COMMANDS
from shared.store.history.step import Outcome, Step
from shared.store.history.store import Store
from shared.store.history.tables import Database

HEAVY = {"pika", "prometheus_client", "re2", "requests", "rich", "sqlalchemy", "structlog"}
"""Each takes a tenth of a second or more. pydantic is not among them: typer itself imports it."""
LOADED = """
import json, sys
from console.__main__ import main
try:
    main()
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


CAME = Step(
    key="1", correlation_id="c", at=1_000, stage="ingress", outcome=Outcome.RECEIVED, type="webhook.file.uploaded",
    message_id="m", title="Invoice 1.pdf",
)  # fmt: skip


def loaded_by(*command: str, environ: dict[str, str] | None = None) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *command],
        env={"INTAKE_ENV_FILE": "none", **(environ or {})}, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("command", [["--help"], ["--version"]], ids=str)
def test_the_help_loads_no_command_and_nothing_heavy(command: list[str]) -> None:
    modules = loaded_by(*command)
    assert modules & HEAVY == set()
    assert modules.isdisjoint(place.partition(":")[0] for place, _ in COMMANDS.values())


def test_completion_of_the_first_word_loads_no_command() -> None:
    modules = loaded_by(environ={"_INTAKE_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "intake "})
    assert modules & HEAVY == {"rich"}  # which typer needs to complete


@pytest.mark.parametrize("command", ["find", "timeline"])
def test_a_search_loads_the_database_and_nothing_else_that_is_heavy(command: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    database = Database(url)
    database.create()
    Store(database).record([CAME], 1)
    database.close()
    modules = loaded_by(command, CAME.correlation_id, environ={"DATABASE_URL": url, "INGRESS_PORT": "1"})
    assert modules & HEAVY == {"sqlalchemy"}


def test_the_list_of_commands_says_of_each_what_its_own_help_says() -> None:
    group = get_group(app)
    assert list(group.commands) == group.list_commands(Context(group)) == list(COMMANDS)
    for name, command in group.commands.items():
        listed = group.get_command(Context(group), name)
        assert listed is not None
        assert listed.get_short_help_str(1000) == command.get_short_help_str(1000), name
        assert listed.name == command.name == name


def test_a_group_of_commands_has_its_own_below_it() -> None:
    dead = get_group(app).commands["dead"]
    assert isinstance(dead, TyperGroup)
    assert list(dead.commands) == ["list", "show", "replay", "discard"]
