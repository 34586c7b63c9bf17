"""What the lists of roles share, those of the broker and those of the database: how they print, and passwords."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import typer

from console.broker.passwords import passwords_in
from console.settings import FAILED
from console.terminal.printing import complain, say, say_json
from shared.errors import PermanentError

R = TypeVar("R")


def say_roles(
    roles: Sequence[R],
    lines: Callable[[R], Iterator[str]],
    record: Callable[[R], Mapping[str, Any]],
    *,
    as_json: bool,
) -> None:
    if as_json:
        say_json([record(role) for role in roles])
    else:
        say("\n\n".join("\n".join(lines(role)) for role in roles))


def passwords_or_exit(folder: Path, roles: Iterable[str]) -> Mapping[str, str]:
    """As `passwords_in`; ends the command with one sentence where a file cannot be used."""
    try:
        return passwords_in(folder, roles)
    except (OSError, UnicodeDecodeError, PermanentError) as error:
        complain(error)
        raise typer.Exit(FAILED) from None
