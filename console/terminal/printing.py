"""All that the console prints passes here: what a terminal would obey is shown instead.

Titles, names and other servers' answers may hold escape sequences, control characters, marks that turn the
direction of text, and halves of surrogate pairs. Colours are ours alone, and go beside the text, not in it.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import typer

from shared.text.outside import cell, harmless


@dataclass(frozen=True, slots=True)
class Paint:
    """Text in a colour, where it is printed on a terminal; "" is the terminal's own."""

    text: str
    colour: str

    def __str__(self) -> str:
        return self.text


Piece = str | Paint


def say(*pieces: Piece, err: bool = False) -> None:
    """The pieces one after the other, and a line feed. Line feeds and tabs in them stay."""
    typer.echo("".join(map(_shown, pieces)), err=err)


def say_file(text: str) -> None:
    """A file's own text: into a pipe or a file as it is, on a terminal as `say` shows it."""
    if on_terminal():
        say(text.rstrip("\n"))
    else:
        typer.echo(text, nl=False)


def complain(sentence: object) -> None:
    """What could not be done, or what was asked for wrongly."""
    first, *more = str(sentence).split("\n")
    say("\n".join([f"intake: {first}", *(f"  {line.strip()}" for line in more)]), err=True)


def say_json(value: object, *, indent: int | None = 2) -> None:
    """In ASCII: a program reads the same characters whatever the locale, and none of them reaches a terminal."""
    typer.echo(json.dumps(value, indent=indent))


def asked(question: str, *, err: bool, hidden: bool = False) -> str:
    """What was typed."""
    text: str = typer.prompt(harmless(question), default="", show_default=False, hide_input=hidden, err=err)
    return text


def agreed(question: str, *, default: bool = False, abort: bool = False, err: bool = True) -> bool:
    """`abort` ends the command where the answer is no."""
    return typer.confirm(harmless(question), default=default, abort=abort, err=err)


def on_terminal() -> bool:
    """Whether a person reads what is printed."""
    return sys.stdout.isatty()


def say_table(
    columns: Iterable[str],
    rows: Iterable[tuple[Iterable[str], str]],
    *,
    lines: bool = False,
    last_width: int | None = None,
) -> None:
    """What does not fit is folded: an id or a reason that is cut tells nothing."""
    from rich.console import Console  # noqa: PLC0415 - most commands print no table, and start sooner without
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(*columns, show_lines=lines)
    for column in table.columns:
        column.overflow = "fold"
    table.columns[-1].width = last_width
    for cells, style in rows:
        table.add_row(*(Text(harmless(each)) for each in cells), style=style)
    if table.row_count:
        Console().print(table)


def say_again(pictures: Iterator[Iterable[Piece]], footer: Iterator[str]) -> None:
    """Each in the place of the one before; in a pipe one after the other, without the footers."""
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.live import Live  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console()
    if not console.is_terminal:
        for picture in pictures:
            say("\n".join(map(str, picture)) + "\n")
        return
    with Live(console=console, auto_refresh=False) as live:
        for picture in pictures:
            told = Text()
            for piece in picture:
                told.append(f"{harmless(str(piece))}\n", style=piece.colour if isinstance(piece, Paint) else "")
            live.update(told.append(f"\n{next(footer)}"), refresh=True)


def one_line(cells: Iterable[str]) -> str:
    """Cells of one row, with tabs between them and none in them."""
    return "\t".join(cell(" ".join(each.split())) for each in cells)


def _shown(piece: Piece) -> str:
    if isinstance(piece, Paint):
        return typer.style(harmless(piece.text), fg=piece.colour or None)
    return harmless(piece)
