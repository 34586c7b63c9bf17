"""Every command in a block of code of the documents is one that its program takes, by the program's own parser.

Those that only read are run by tests/integration/test_docs_commands.py.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_group

from console.__main__ import app
from tests.support.documents import ROOT, Shown, shown_commands

COMMANDS = list(shown_commands())
INTAKE = get_group(app)
FILES = ("event.json", "rules.toml", "new-rules.toml")
"""What the examples read."""
OTHERS = {"export", "grep", "jq"}
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
SERVICES = set(re.findall(r"^  ([a-z]+):$", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE))


def parse(arguments: list[str]) -> None:
    """By the program's own parser, without running it; it raises what the program would say."""
    _parse(INTAKE, "intake", list(arguments))


def _parse(command: Any, name: str | None, arguments: list[str], parent: Any = None) -> None:
    with command.make_context(name, arguments, parent=parent) as context:
        words = [*context._protected_args, *context.args]
        if isinstance(command, TyperGroup) and (words or not command.invoke_without_command):
            name, command, rest = command.resolve_command(context, words)
            _parse(command, name, rest, context)


def fault_of(program: list[str]) -> str | None:
    match program:
        case ["intake", *arguments]:
            parse(arguments)
        case ["make", target, *variables]:
            named = {variable.partition("=")[0] for variable in variables}
            unknown = {name for name in named if not re.search(rf"\b{name}\b", MAKEFILE)}
            return (
                f"no target {target}" if target not in TARGETS else f"nothing reads {unknown}" if unknown else None
            )
        case ["docker", "compose", "up" | "start" | "stop" | "restart" | "logs" | "run", *arguments]:
            named = {word.partition("=")[0] for word in arguments if not word.startswith("-")}
            return f"no service {named - SERVICES}" if named - SERVICES else None
        case [name, *_] if name in OTHERS:
            pass
        case _:
            return "nobody knows what it does: teach this test"
    return None


@pytest.mark.parametrize("shown", COMMANDS, ids=str)
def test_a_command_in_the_documents_is_one_that_its_program_takes(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        Path(name).touch()
    assert [fault for program in shown.programs() if (fault := fault_of(program))] == []


def test_commands_are_found_in_every_kind_of_page() -> None:
    pages = {shown.page for shown in COMMANDS}
    assert {"README.md", "CONTRIBUTING.md", "docs/reference/commands.md", "docs/howto/dead-letters.md"} <= pages


@pytest.mark.parametrize(
    ("line", "programs"),
    [
        ("intake find 7 --json | jq -r '.[]'", [["intake", "find", "7", "--json"], ["jq", "-r", ".[]"]]),
        ("make setup && ./intake setup", [["make", "setup"], ["intake", "setup"]]),
        ("A=b intake list > list.txt  # all", [["intake", "list"]]),
        ('docker compose run --rm -v "$PWD:/out" console dead list', [["intake", "dead", "list"]]),
    ],
)
def test_a_line_is_taken_apart_into_its_programs(line: str, programs: list[list[str]]) -> None:
    assert Shown("page", line).programs() == programs


@pytest.mark.parametrize("line", ["intake fnd x", "intake list --stat failed", "intake webhook enable seven"])
def test_a_command_that_the_program_refuses_is_seen(line: str) -> None:
    with pytest.raises(Exception, match=r"No such (command|option)|valid integer"):
        parse(line.split()[1:])
