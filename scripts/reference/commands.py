"""The commands, from the command line's own help."""

import re
from collections.abc import Iterator
from typing import Any

from typer.core import TyperGroup
from typer.main import get_group

from console.__main__ import app
from scripts.reference.table import code, plain, table

KEEPS_ITS_LINES = "\b\n"
"""The mark of a paragraph of examples."""
TYPE = re.compile(r" <[^>|]+>$")
"""What the help adds to a name; a choice is no type."""


def index() -> str:
    rows = (
        (f"[`{name}`](#{name.replace(' ', '-')})", _purpose(command))
        for name, command in _commands()
        if not isinstance(command, TyperGroup)
    )
    return table(("command", "what it does"), rows)


def sections() -> str:
    return "\n".join(f"{_section(name, command).strip()}\n" for name, command in _commands())


def _commands() -> Iterator[tuple[str, Any]]:
    """Every command with its whole name, a group of commands before those in it."""
    yield from _below(get_group(app), "intake")


def _below(group: TyperGroup, named: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        yield f"{named} {name}", command
        if isinstance(command, TyperGroup):
            yield from _below(command, f"{named} {name}")


def _paragraphs(command: Any) -> list[str]:
    return str(command.help).split("\n\n")


def _purpose(command: Any) -> str:
    return plain(" ".join(_paragraphs(command)[0].split()))


def _section(name: str, command: Any) -> str:
    context = command.context_class(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)]).replace("[[", "[").replace("]]", "]")
    told = [_prose(text) for text in _paragraphs(command)]
    records = [record for each in command.params if (record := each.get_help_record(context))]
    rows = [(code(TYPE.sub("", name)), plain(text)) for name, text in records]
    options = [table(("argument or option", "meaning"), rows)] if rows else []
    return "\n\n".join([f"### {name}", f"`{usage}`", *told, *options])


def _prose(paragraph: str) -> str:
    if not paragraph.startswith(KEEPS_ITS_LINES):
        return plain(" ".join(paragraph.split()))
    _, title, *lines = paragraph.split("\n")
    return f"{title}\n\n" + "\n".join(f"    {line.removeprefix('  ')}" for line in lines)
