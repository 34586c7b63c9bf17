"""The operator's commands, as a shell sees them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from console.__main__ import app
from console.terminal.table import rich_table
from shared.rules.file import load_rules
from shared.wire.events import EVENTS

EXAMPLE = Path(__file__).parents[2] / "rules.example.toml"


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def test_check_says_what_the_rules_mean() -> None:
    result = run("rules", "check", str(EXAMPLE))
    assert result.exit_code == 0
    assert (
        'titled   starts with "invoice"\n  goes to  folder 748239\n  tells    manager@example.com' in result.stdout
    )
    assert "initech (disabled)" in result.stdout


def test_check_never_shows_a_channels_token(capsys) -> None:
    result = run("rules", "check", str(EXAMPLE))
    rich_table(load_rules(EXAMPLE))
    for shown in (result.stdout, capsys.readouterr().out):
        assert "slack" in shown
        assert "TokenA" not in shown


def test_check_tells_every_fault_on_stderr(tmp_path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[[rule]]\nname = 'x'\nroom = 5\n")
    result = run("rules", "check", str(bad))
    assert (result.exit_code, result.stdout) == (1, "")
    assert f'{bad}: rule "x": room: unknown key; did you mean "rooms"?' in result.stderr
    assert f'{bad}: rule "x": destination: is missing' in result.stderr


@pytest.mark.parametrize(
    "arguments", [("rules", "check"), ("rules", "chekc"), ("nonsense",), ("rules", "check", "--x")]
)
def test_wrong_usage_is_exit_code_2(arguments) -> None:
    assert run(*arguments).exit_code == 2


def _commands(group: TyperGroup, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _commands(command, (*path, name))
        else:
            yield (*path, name)


COMMANDS = tuple(_commands(typer.main.get_group(app)))
TOLD_BY_GROUP = {"webhook"}
"""Its commands' exit codes are told by its own help."""


@pytest.mark.parametrize("arguments", COMMANDS)
def test_help_has_an_example(arguments) -> None:
    result = run(*arguments, "--help")
    assert result.exit_code == 0
    assert "\n    intake " in result.stdout


@pytest.mark.parametrize("arguments", COMMANDS)
def test_help_tells_the_exit_codes(arguments) -> None:
    shown = arguments[:1] if arguments[:1] and arguments[0] in TOLD_BY_GROUP else arguments
    assert "Exit codes:" in " ".join(run(*shown, "--help").stdout.split())


@pytest.mark.parametrize("arguments", COMMANDS)
def test_every_command_has_json(arguments) -> None:
    text = run(*arguments, "--help").stdout
    without = [
        ("events", "asyncapi"),
        ("events", "schema"),
        ("history",),
        ("rules", "export"),
    ]  # JSON anyway; no data; a file as it was given
    assert "--json" in text or "Commands:" in text or arguments in without


def test_a_shell_is_told_how_to_complete() -> None:
    environ = {"_INTAKE_COMPLETE": "complete_bash", "COMP_WORDS": "intake webhook r", "COMP_CWORD": "2"}
    done = subprocess.run(
        [sys.executable, "-m", "console"],
        capture_output=True,
        text=True,
        env=environ,
        check=False,
        cwd=EXAMPLE.parent,
    )
    assert done.stdout.split() == ["register", "rotate", "remove"]


def test_rules_as_json_hold_no_channels_token() -> None:
    result = run("rules", "check", str(EXAMPLE), "--json")
    told = json.loads(result.stdout)
    assert [rule["name"] for rule in told][:1] == ["acme"]
    assert any(rule["channels"] == ["slack"] for rule in told)
    assert "TokenA" not in result.stdout


def test_the_schema_covers_every_event() -> None:
    document = json.loads(run("events", "schema").stdout)
    assert {name: part["x-routing-key"] for name, part in document["$defs"].items()} == {
        event.__name__: event.routing_key for event in EVENTS
    }
    assert document["anyOf"] == [{"$ref": f"#/$defs/{event.__name__}"} for event in EVENTS]
    assert "file_id" in document["$defs"]["InvoiceDetected"]["required"]


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "console", "rules", "check", str(EXAMPLE)],
        capture_output=True,
        text=True,
        check=False,
        cwd=EXAMPLE.parent,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("acme\n")
