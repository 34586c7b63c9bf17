"""`restore`: what a backup holds, back where it belongs."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from console.actions.doing import person
from console.backup import files, spools
from console.backup.archive import Manifest, Unpacked, unpacked
from console.backup.command import Json, SpoolPaths
from console.backup.settings import Settings
from console.backup.view import facts, told
from console.restore.giving import give, refuse_newer
from console.settings import FAILED, settings_or_exit
from console.terminal.printing import agreed, complain, say, say_json
from console.terminal.progress import Waiting
from shared.errors import IntakeError
from shared.store.audit.store import AuditStore


def command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="As `intake backup` made it.")],
    *,
    over: Annotated[
        bool,
        typer.Option(
            "--replace/--into-empty",
            help="In place of all that is there, which is then gone; or only into what holds nothing.",
        ),
    ] = False,
    spool: SpoolPaths = None,
    files_to: Annotated[
        Path | None,
        typer.Option("--files", metavar="FOLDER", help="Write only the .env, the rules file and templates there."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Put back what a backup holds.

    Stop every process of the pipeline first. AMQP_URL, DATABASE_URL and SPOOL_PATH say where to; the database may
    be of the other kind than the backup's. The whole file is checked before anything is touched. Into an
    installation that holds rows, messages or events it goes only with --replace.

    If it is stopped or killed, run it again: it goes on where it was, and nothing comes twice. Then start the
    workers. What happened after the backup is not in it: an invoice that was announced since is announced again.

    \b
    Examples:
      intake restore intake-20261130T020000Z.tar.gz
      intake restore intake-20261130T020000Z.tar.gz --files /srv/intake
      intake restore intake-20261130T020000Z.tar.gz --replace --yes

    Exit codes: 0 done; 1 the file is damaged or newer than this program, something is there already or at work, or
    the broker, the database or a file failed; 2 wrong usage or settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    if as_json and over and not yes:
        raise typer.BadParameter("--json does not ask: add --yes")
    try:
        with unpacked(file) as backup:
            manifest = backup.manifest
            refuse_newer(manifest)
            if files_to is not None:
                _write_files(backup, files_to)
                return
            settings = settings_or_exit(Settings, context.obj)
            if over and not yes:
                say(f"{file}, of {manifest.made_at}: {told(manifest)}", err=True)
                agreed("Delete all that this installation holds, and put this in its place?", abort=True)
            with Waiting("looking who is at work") as waiting:
                unseen = give(settings, backup, spool or spools.places(settings.spool_path), waiting, over=over)
            _on_record(settings, manifest)
    except (IntakeError, OSError) as error:
        complain(error)
        raise typer.Exit(FAILED) from None
    if unseen:
        complain(f"a worker that is paused could not be seen ({unseen}): make sure that none ran")
    if as_json:
        say_json({"file": str(file), **facts(manifest)})
    else:
        say(f"Restored: {told(manifest)}. Now start the workers.")


def _write_files(backup: Unpacked, folder: Path) -> None:
    """Never over a file that is there. OSError."""
    for name in backup.manifest.beside(files.FOLDER):
        to = folder / name.removeprefix(f"{files.FOLDER}/")
        to.parent.mkdir(parents=True, exist_ok=True)
        if to.exists():
            raise FileExistsError(f"{to} is there already")
        shutil.copyfile(backup.path(name), to)
        to.chmod(0o600 if name == files.SETTINGS else 0o644)
        say(str(to))


def _on_record(settings: Settings, manifest: Manifest) -> None:
    """Afterwards: before, it would be a row in a database that must hold none."""
    audit = AuditStore(settings.database_url.get_secret_value())
    try:
        entry = audit.begin(person(), "restore", f"the backup of {manifest.made_at}", {"backup": manifest.id})
        audit.end(entry, f"done: {told(manifest)}")
    finally:
        audit.close()
