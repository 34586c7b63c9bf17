"""`rules`: the group of its commands, and `check`: says what a rules file means, or all that is wrong with it."""

from pathlib import Path
from typing import Annotated

import typer

from console.rules import compare, published, show
from console.terminal.printing import on_terminal, say, say_json
from console.terminal.table import plain, record, rich_table
from shared.rules.file import RulesError, load_rules

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def rules() -> None:
    """The rules that tell invoices from other files.

    \b
    Examples:
      intake rules show
      intake rules check rules.toml
      intake rules test rules.toml --since 7d
      intake rules publish rules.toml --comment "Globex joins"

    Exit codes: 0 done, 1 a fault in the rules (check), a worker that runs with others (show), or the broker, its
    history or the database is not there, 2 wrong usage or settings, or a fault in the rules (all others).
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A rules file, as RULES_FILE names it.")],
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Print what the rules in FILE say, or every fault that it has.

    \b
    Examples:
      intake rules check rules.toml
      intake rules check "$RULES_FILE" && docker compose restart classifier

    Exit codes: 0 the rules are good, 1 FILE has a fault or cannot be read, 2 wrong usage.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    try:
        found = load_rules(file)
    except RulesError as error:
        say(str(error), err=True)
        raise typer.Exit(1) from None
    if as_json:
        say_json([record(rule, found) for rule in found.rules])
    elif on_terminal():
        rich_table(found)
    else:
        say(plain(found))


app.command("test")(compare.command)
app.command("show")(show.command)
for each in (published.publish, published.versions, published.back, published.export):
    app.command()(each)
