"""The codes of reasons: all that the source uses are in the list, and what people read names none but those."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from console.__main__ import app
from shared.text.codes import Code
from shared.wire.stages import DISPATCHER, NAMES

ROOT = Path(__file__).parents[2]
ROOMS = ("ingress", *NAMES, DISPATCHER, "shared", "console")
FAILURES = "docs/reference/failures.md"
DOCS = ("README.md", FAILURES, "docs/howto/dead-letters.md")
OF_PEOPLE = ("shared/amqp/", "shared/store/database.py", "shared/store/grants.py", "shared/process/settings.py")
"""What raises for a person's command there, or for the publisher, which tries again by itself."""


def sources(*rooms: str, word: str) -> Iterator[tuple[str, ast.Module]]:
    """Those with that word in them: parsing all takes seconds."""
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            if word in (source := path.read_text()):
                yield str(path.relative_to(ROOT)), ast.parse(source)


def used() -> set[str]:
    return {
        node.attr
        for name, tree in sources(*ROOMS, word="Code")
        if name != "shared/text/codes.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Code"
    }


def test_the_list_holds_the_codes_that_the_source_uses_and_no_others() -> None:
    assert used() == set(Code.__members__)


def test_an_error_that_a_handler_may_let_through_says_its_code() -> None:
    bare = [
        f"{name}:{node.lineno}"
        for name, tree in sources(*NAMES, "shared", word="entError(")
        if not name.startswith(OF_PEOPLE)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"TransientError", "PermanentError"}
        and not any(keyword.arg == "code" for keyword in node.keywords)
    ]
    assert bare == []


def test_a_code_is_short_plain_and_explained() -> None:
    for code in Code:
        assert re.fullmatch(r"[a-z]+(-[a-z]+){0,2}", code), code
        assert code.meaning


def helps() -> Iterator[str]:
    command = get_command(app)
    assert isinstance(command, typer.core.TyperGroup)
    yield from _helps(command)


def _helps(command: typer.core.TyperGroup) -> Iterator[str]:
    for each in command.commands.values():
        yield each.help or ""
        if isinstance(each, typer.core.TyperGroup):
            yield from _helps(each)


@pytest.mark.parametrize("where", [*DOCS, "--help"])
def test_a_reason_in_an_example_is_a_code_of_the_list(where: str) -> None:
    text = "\n".join(helps()) if where == "--help" else (ROOT / where).read_text()
    named = re.findall(r"(?:replay|discard|retry|put-away) .*--reason (\"[^\"]*\"|[\w.…-]+)", text)
    assert named, "there is an example"
    assert [reason for reason in named if reason not in set(Code)] == []


def test_a_code_that_the_documents_quote_is_in_the_list() -> None:
    for where in DOCS:
        named = set(re.findall(r"\bcode=([\w-]+)", (ROOT / where).read_text()))
        assert named <= set(Code), where
