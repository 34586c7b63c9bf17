"""The operator's command line: `python -m console COMMAND`, or `intake COMMAND`. Wires the commands, no more."""

import os

import typer

from console import dead, events, history, history_ask, reconcile, rules

app = typer.Typer(
    name="intake",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(rules.app, name="rules")
app.add_typer(events.app, name="events")
app.add_typer(dead.app, name="dead")
app.command()(reconcile.reconcile)
app.command()(history.history)
app.command()(history_ask.find)
app.command()(history_ask.timeline)
app.command("list")(history_ask.list_)


@app.callback()
def intake(context: typer.Context) -> None:
    """Look after the invoice intake.

    \b
    Examples:
      intake rules check rules.toml
      intake events schema > schema.json
      intake find "Invoice 4711"
      intake list --state failed --since 1d
      intake dead list
      intake reconcile --since 2h --dry-run
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    context.obj = os.environ


def main() -> None:
    app(prog_name="intake")


if __name__ == "__main__":
    main()
