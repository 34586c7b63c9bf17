"""What the README and the documents name exists: files, headings and commands. And the README stays short."""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from console.__main__ import app
from tests.support.documents import FENCED, PAGES, ROOT
from tests.support.recipes import recipes

README = ROOT / "README.md"
LINKED = [*PAGES, ROOT / "CHANGELOG.md", *sorted((ROOT / "examples").glob("**/README.md"))]
"""The changelog names files as they were, so only its links are followed; examples have commands of their own."""

INDENTED = re.compile(r"^(?: {4}|\t).*$", re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
MODULE = re.compile(r"(?<![\w./:-])(?:[\w-]+/)+[\w-]+\.py\b")
COMMAND = re.compile(r"(?:^|\s)(?:\./intake|intake|console) ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?")


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def code(text: str) -> Iterator[str]:
    """Each line of code, and each piece of code in a sentence."""
    for block in (*FENCED.findall(text), *INDENTED.findall(text)):
        yield from block.splitlines()
    yield from SPAN.findall(FENCED.sub("", text))


def without_code(text: str) -> str:
    return SPAN.sub("", INDENTED.sub("", FENCED.sub("", text)))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_broken(link: str, page: Path) -> bool:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return not target.exists() or (anchor != "" and anchor not in anchors(target))


@functools.cache
def program() -> typer.core.TyperGroup:
    top = get_command(app)
    assert isinstance(top, typer.core.TyperGroup)
    return top


def is_command(group: str, command: str) -> bool:
    """Whether the program has it; after a command that has none below it, anything may follow."""
    found = program().commands.get(group)
    if isinstance(found, typer.core.TyperGroup) and command:
        return command in found.commands
    return found is not None


@pytest.mark.parametrize("page", LINKED, ids=named)
def test_every_relative_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    links = [link for link in LINK.findall(without_code(page.read_text())) if "://" not in link]
    assert [link for link in links if is_broken(link, page)] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_python_file_that_a_page_names_exists_or_a_recipe_adds_it(page: Path) -> None:
    text = LINK.sub("]", page.read_text())
    to_come = {path for recipe in recipes() for path in recipe.added}
    assert [path for path in MODULE.findall(text) if not (ROOT / path).is_file() and path not in to_come] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    commands = [pair for line in code(page.read_text()) for pair in COMMAND.findall(line)]
    assert [pair for pair in commands if not is_command(*pair)] == []


def test_the_readme_has_at_most_150_lines() -> None:
    assert len(README.read_text().splitlines()) <= 150


def test_no_line_of_the_readme_is_over_120_characters() -> None:
    text = INDENTED.sub("", FENCED.sub("", README.read_text()))
    assert [line for line in text.splitlines() if len(line) > 120 and not line.startswith("|")] == []


def test_the_index_of_the_decisions_names_every_area() -> None:
    text = (ROOT / "docs/explanation/decisions.md").read_text()
    areas = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert re.findall(r"^\| \[(.+?)\]\(#", text, re.MULTILINE) == areas
