"""Takes a backup of a pipeline that is stopped: the spools, then the queues, the stream, and the database last.

In this order each invoice is in what is read first or in what is read later, if something should move all the same:
what is in both is done once, for the ledger knows it. What nobody has in hand is in a queue, a spool or a table.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from console.backup import files, spools
from console.backup.archive import Manifest, Packing, packing
from console.backup.settings import Settings
from console.backup.stopped import AtWork, at_work
from shared.amqp.operator.lying import Lying, as_json
from shared.amqp.operator.stream import QUEUE
from shared.amqp.operator.whole import Whole, stream
from shared.errors import PermanentError, TransientError
from shared.store.backup.snapshot import Rows, Snapshot, Version, snapshot

MESSAGES, TABLES, SPOOLS = "messages", "tables", "spools"
"""The folders in a backup."""
EVERY = 1000
"""So many between two signs of life."""

Say = Callable[[str], None]


class AtWorkError(TransientError):
    """Whose turn it is not."""


class NothingError(PermanentError):
    """There is nothing to take a backup of."""


@dataclass(frozen=True, slots=True)
class Taken:
    manifest: Manifest
    no_spool: tuple[Path, ...]
    """Where there is none."""
    unseen: str | None
    """As `AtWork` has it."""


def take(
    settings: Settings,
    spool_paths: Sequence[Path],
    environ: Mapping[str, str],
    to: Path,
    say: Say,
    *,
    secrets: bool,
) -> Taken:
    """Makes the file `to`. Repeating is safe.

    AtWorkError, and no file, if a worker runs at its begin or its end; TransientError, PermanentError, OSError.
    """
    seen = refuse_at_work(settings)
    urls = settings.amqp_urls
    with packing(to.resolve().parent) as pack:
        found = [path for place, path in enumerate(spool_paths) if _spool(pack, place, path)]
        with Whole(urls, settings.retry_delays_s, settings.stages) as whole:
            _messages(pack, whole.read(), say)
        _messages(pack, stream(urls), say)
        with snapshot(settings.database_url.get_secret_value()) as tables:
            versions = _tables(pack, tables, say)
        files.pack(pack, environ, with_secrets=secrets)
        refuse_at_work(settings)
        say("packing")
        manifest = pack.pack(to, versions, found, with_secrets=secrets)
    return Taken(manifest, tuple(path for path in spool_paths if path not in found), seen.unseen)


def refuse_at_work(settings: Settings) -> AtWork:
    """AtWorkError says who."""
    seen = at_work(settings.amqp_urls, settings.management_url)
    if seen.who:
        raise AtWorkError(f"still at work: {', '.join(seen.who)}. Stop every process of the pipeline first")
    return seen


def _spool(pack: Packing, place: int, path: Path) -> bool:
    name = f"{SPOOLS}/{place}.db"
    count = spools.copy(path, pack.begun(name))
    if count is not None:
        pack.done(name, count)
    return count is not None


def _messages(pack: Packing, messages: Iterator[Lying], say: Say) -> None:
    for queue, its in groupby(messages, lambda lying: lying.queue):
        what = "the history's stream" if queue == QUEUE else f"the queue {queue}"
        pack.lines(f"{MESSAGES}/{queue}.jsonl", map(as_json, counted(its, what, say)))


def _tables(pack: Packing, tables: Snapshot, say: Say) -> dict[str, Version]:
    versions = tables.versions()
    if not versions and not tables.tables:
        raise NothingError("the database has no table of ours: DATABASE_URL says which one the workers use")
    for table in tables.tables:
        pack.lines(f"{TABLES}/{table}.jsonl", _lines(tables.rows(table), table, say))
    return versions


def _lines(rows: Rows, table: str, say: Say) -> Iterator[Any]:
    """First the names of the columns, then the rows."""
    yield rows.columns
    yield from counted(rows.values, f"the table {table}", say)


def counted(items: Iterator[Any], what: str, say: Say) -> Iterator[Any]:
    for number, item in enumerate(items):
        if number % EVERY == 0:
            say(f"{what}: {number:,}" if number else what)
        yield item
