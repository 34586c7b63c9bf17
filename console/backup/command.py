"""`backup`: all that the pipeline holds, in one file."""

import time
from pathlib import Path
from typing import Annotated

import typer

from console.actions.on_record import on_record
from console.backup import spools
from console.backup.settings import Settings
from console.backup.taking import Taken, take
from console.backup.view import facts, told
from console.settings import FAILED, settings_or_exit
from console.terminal.printing import complain, say, say_json
from console.terminal.progress import Waiting
from shared.errors import IntakeError
from shared.store.backup.snapshot import snapshot

SpoolPaths = Annotated[
    list[Path] | None,
    typer.Option("--spool", metavar="FILE", help="A spool instead of those at SPOOL_PATH; once for each."),
]
Json = Annotated[bool, typer.Option("--json", help="For a program.")]


def command(
    context: typer.Context,
    *,
    out: Annotated[
        Path, typer.Option(metavar="FILE|FOLDER", help="Where to; a file that is there is replaced.")
    ] = Path(),
    spool: SpoolPaths = None,
    with_secrets: Annotated[
        bool, typer.Option("--with-secrets", help="The keys and passwords of the .env too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Put all that the pipeline holds into one file.

    Stop every process of the pipeline first: it refuses while one is at work. In the file are the database (ledger,
    history, outbox, problems, audit, people, published rules, actions), the messages of each queue as they lie
    there, the history's stream, the spool, the rules file, templates of your own, and the .env. The messages stay
    in their queues.

    The file is for its owner alone, as it holds titles, names and addresses, and the rules' URLs with their tokens.
    Without --with-secrets the keys and passwords of the .env are left out. It may be stopped and repeated.

    \b
    Examples:
      intake backup
      intake backup --out /var/backups --with-secrets
      intake backup --out intake.tar.gz --spool /srv/one/spool.db --spool /srv/two/spool.db

    Exit codes: 0 done; 1 a process is at work, or the broker, the database or a file failed; 2 wrong usage or
    settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    settings = settings_or_exit(Settings, context.obj)
    to = out / time.strftime("intake-%Y%m%dT%H%M%SZ.tar.gz", time.gmtime()) if out.is_dir() else out
    filter_ = {"to": str(to), "with_secrets": with_secrets}
    paths = spool or spools.present(settings.spool_path)
    done: list[Taken] = []
    try:
        with snapshot(settings.database_url.get_secret_value()):
            pass  # where there is no database, none is made
        with (
            on_record(context.obj, "backup", "everything", filter_, lambda: _result(done)),
            Waiting("looking who is at work") as waiting,
        ):
            done.append(take(settings, paths, context.obj, to, waiting, secrets=with_secrets))
    except (IntakeError, OSError, ValueError) as error:
        complain(error)
        raise typer.Exit(FAILED) from None
    (taken,) = done
    for path in taken.no_spool:
        complain(f"there is no spool {path}: if an ingress has one elsewhere, SPOOL_PATH or --spool says where")
    if taken.unseen:
        complain(f"a worker that is paused could not be seen ({taken.unseen}): make sure that none runs")
    if as_json:
        say_json({"file": str(to), **facts(taken.manifest)})
        return
    say(f"{to}: {told(taken.manifest)}")
    if with_secrets:
        say("It holds keys and passwords; only you can read it (mode 600).")


def _result(done: list[Taken]) -> str:
    return f"done: {told(done[0].manifest)}" if done else "not done"
