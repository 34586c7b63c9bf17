"""Puts a backup where it belongs: the database first, in one transaction, then the spools, the queues, the stream.

The database says which backup's rows it has. Whoever is killed after that and runs it again goes on from there: a
spool is put there whole, and a message that lies in a queue already is not published again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from console.backup import spools
from console.backup.archive import Manifest, Unpacked
from console.backup.settings import Settings
from console.backup.taking import MESSAGES, SPOOLS, TABLES, Say, counted, refuse_at_work
from shared.amqp.operator.lying import Lying, from_json
from shared.amqp.operator.requests import QUEUE as ASKED
from shared.amqp.operator.stream import QUEUE as STREAM
from shared.amqp.operator.whole import Whole
from shared.errors import PermanentError
from shared.runtime.crash_points import CrashPoint, reached
from shared.runtime.settle import DEFAULT_EXCHANGE
from shared.store.backup.refill import Refill
from shared.store.backup.snapshot import Rows
from shared.store.parts import PARTS


class NotEmptyError(PermanentError):
    """Something is there already, which a backup would mix with."""


class UnfitError(PermanentError):
    """The backup does not fit this program, or what it was told."""


def give(settings: Settings, backup: Unpacked, spool_paths: Sequence[Path], say: Say, *, over: bool) -> str | None:
    """Repeating is safe, also for who was killed. `over`: in place of all that is there.

    Returns why a worker that is paused could not be seen, as `AtWork` has it. NotEmptyError, UnfitError,
    AtWorkError, and the errors of the broker, the database and the disk.
    """
    manifest = backup.manifest
    refuse_newer(manifest)
    seen = refuse_at_work(settings)
    fitting = _fitting(backup, spool_paths)
    refill = Refill(settings.database_url.get_secret_value())
    try:
        with Whole(settings.amqp_urls, settings.retry_delays_s, settings.stages) as whole:
            mark = refill.mark()
            if mark is None or mark.backup != manifest.id or mark.done:
                _refuse_mixing(refill, whole, spool_paths, over=over)
                if over:
                    whole.empty()
                say("the database")
                refill.fill(manifest.id, manifest.schemas, _tables(backup, say), replace=over)
            reached(CrashPoint.RESTORE_FILLED)
            for name, path in fitting.items():
                spools.put(backup.path(name), path)
            names = [name for name in manifest.beside(MESSAGES) if name != _named(STREAM)]
            whole.declare(asked=_named(ASKED) in names)
            for _ in whole.fill(_messages(backup, names, whole.delays, say)):
                pass
            if _named(STREAM) in manifest.members:
                for _ in whole.fill_stream(
                    map(from_json, counted(backup.lines(_named(STREAM)), "the stream", say))
                ):
                    pass
            refill.finish(manifest.id)
    finally:
        refill.close()
    return seen.unseen


def refuse_newer(manifest: Manifest) -> None:
    """UnfitError."""
    known = {part.name: part for part in PARTS}
    for name, was in manifest.schemas.items():
        newest = known[name].newest if name in known else 0
        if was.version > newest:
            raise UnfitError(
                f"the backup is of intake {manifest.product}, whose tables of the {name} are newer (version "
                f"{was.version}) than this program's ({newest}): upgrade the program"
            )


def _refuse_mixing(refill: Refill, whole: Whole, spool_paths: Sequence[Path], *, over: bool) -> None:
    found = [f"{count:,} rows in {table}" for table, count in refill.held().items()]
    found += [f"{count:,} messages in {queue}" for queue, count in whole.lengths().items()]
    found += [f"{count:,} events in {path}" for path in spool_paths if (count := spools.events(path))]
    if found and not over:
        raise NotEmptyError(
            f"this installation is not empty: {', '.join(found)}. A backup goes into an empty one, or with "
            "--replace in place of all that is there"
        )


def _fitting(backup: Unpacked, spool_paths: Sequence[Path]) -> dict[str, Path]:
    """Where each spool that holds events goes."""
    held = [name for name in backup.manifest.beside(SPOOLS) if backup.manifest.members[name].count]
    if len(held) > len(spool_paths):
        raise UnfitError(f"the backup has {len(held)} spools with events: say with --spool where each is to go")
    return dict(zip(held, spool_paths, strict=False))


def _tables(backup: Unpacked, say: Say) -> Iterator[tuple[str, Rows]]:
    ours = {table for part in PARTS for table in part.tables}
    for name in backup.manifest.beside(TABLES):
        table = name.removeprefix(f"{TABLES}/").removesuffix(".jsonl")
        if table not in ours:
            raise UnfitError(f"the backup has a table {table}, of which this program knows nothing")
        lines = backup.lines(name)
        yield table, Rows(tuple(next(lines)), counted(lines, f"the table {table}", say))


def _messages(backup: Unpacked, names: Sequence[str], delays: Sequence[str], say: Say) -> Iterator[Lying]:
    """A delay queue that this installation does not have stands for the shortest that it has."""
    for name in names:
        for lying in map(from_json, counted(backup.lines(name), name, say)):
            unknown = lying.exchange not in {DEFAULT_EXCHANGE, *delays}
            yield replace(lying, queue=delays[0], exchange=delays[0]) if unknown else lying


def _named(queue: str) -> str:
    return f"{MESSAGES}/{queue}.jsonl"
