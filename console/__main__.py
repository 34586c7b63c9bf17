"""The operator's command line: `python -m console COMMAND`, or `intake COMMAND`; `commands` says which."""

import gc
import os
from typing import Annotated

import typer

from console.commands import Commands
from console.terminal.printing import complain, say
from shared import VERSION

app = typer.Typer(
    name="intake",
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"intake {VERSION}")
        raise typer.Exit


@app.callback()
def intake(
    context: typer.Context,
    *,
    version: Annotated[  # noqa: ARG001 - its callback ends the command
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Look after the invoice intake.

    \b
    Examples:
      intake setup
      intake doctor
      intake find "Invoice 4711"
      intake list --state failed --since 1d
      intake explain --file-id 748301
      intake dead list
      intake webhook rotate
      intake portal check

    Settings come from the environment, as the workers' do, and else from the .env of this folder (or the file
    that INTAKE_ENV_FILE names); --json on any command is for programs. Exit codes: 0 done, 1 it could not be done,
    or something failed, 2 wrong usage or settings. Completion for your shell: intake --install-completion.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    from console.connect import authorities  # noqa: PLC0415 - the help is shown without it
    from console.settings import USAGE, environment  # noqa: PLC0415

    if context.invoked_subcommand == "setup":  # it reads and writes that file itself
        context.obj = os.environ
        authorities.trust(os.environ.get("TLS_CA_FILE", "").strip())
        return
    try:
        context.obj = environment(os.environ)
    except (OSError, UnicodeDecodeError) as error:
        complain(f"the settings file cannot be read: {error}")
        raise typer.Exit(USAGE) from None
    authorities.trust(context.obj.get("TLS_CA_FILE", "").strip())


def main() -> None:
    gc.disable()  # until the command is loaded: what imports make stays, and to look at it is a fifth of their time
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # else it looks through all that is installed
    app(prog_name="intake")


if __name__ == "__main__":
    main()
