"""`history`: runs the projector, which keeps what the stream tells for `find` and `timeline`."""

import contextlib
import time
from collections.abc import Callable
from functools import partial
from typing import Annotated

import structlog
import typer

from console.history.dead_events import APP, tell_dead
from console.history.rebuild import Rebuilt
from console.history.rebuild import rebuild as rebuild_
from console.history.upkeep import Upkeep
from console.settings import FAILED, USAGE
from console.terminal.printing import complain, say
from console.terminal.progress import Waiting
from shared.amqp.line import Line
from shared.amqp.operator.past import NoStreamError, past
from shared.amqp.operator.stream import BATCH, batches
from shared.amqp.topology import topology
from shared.errors import IntakeError, TransientError
from shared.process.logs import configure_logs
from shared.process.settings import History, SettingsError, load
from shared.store.actions.store import ActionStore
from shared.store.audit.store import AuditStore
from shared.store.history.step import step_of
from shared.store.history.store import Store
from shared.store.history.tables import Database
from shared.threads.stop import Stop

RETRY_S = 1.0
EVER = 0.0
"""Seconds since the epoch: as far as the stream reaches back."""
REST = 6.0
"""After a full batch it rests so many times as long as that kept a processor busy. A full one means a burst, in
which the workers want the processors; the seventh of one that it takes is still some 900 steps a second."""

log = structlog.get_logger()


def history(
    context: typer.Context,
    *,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make the history anew from the stream, say how far it is, and end.")
    ] = False,
) -> None:
    """Keep the history of every upload, until SIGTERM.

    Docker Compose runs it as the service history. Without it the workers work just the same, and `find`, `timeline`
    and `list` know nothing. It may be stopped and killed at any time, and goes on where it was, if that is within a
    week.

    An upload stays for UPLOADS_KEEP_DAYS after its last step, and the steps of one that is settled for
    HISTORY_KEEP_DAYS. The audit and the actions that people asked for stay for AUDIT_KEEP_DAYS. After an upgrade
    the uploads of an earlier release are renewed from their steps by and by; what those never told is filled in by
    --rebuild, as far as the stream reaches back (about a week). It may be stopped and repeated, and run while the
    other one runs.

    \b
    Examples:
      intake history
      HISTORY_KEEP_DAYS=365 intake history
      intake history --rebuild

    It logs, one JSON line each where stdout is no terminal. The broker is found by AMQP_URL, the database by
    DATABASE_URL; both may be away for a while, though not for --rebuild. Exit codes: 0 ended by SIGTERM, or
    rebuilt; 1 what it keeps cannot be written at all, or it was not rebuilt to the end; 2 wrong settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    try:
        settings = load(History, context.obj)
    except SettingsError as error:
        complain(f"these settings are wrong: {error}")
        raise typer.Exit(USAGE) from None
    if rebuild:
        _rebuild(settings)
        return
    configure_logs("history", level=settings.log_level, log_format=settings.log_format)
    stop = Stop()
    stop.on_signals()
    database = Database(settings.database_url.get_secret_value(), writes=True)
    try:
        _run(settings, database, stop)
    except IntakeError as error:
        complain(error)
        raise typer.Exit(FAILED) from None
    log.info("history.stopped")


def _rebuild(settings: History) -> None:
    stop = Stop()
    stop.on_signals()
    with contextlib.closing(Database(settings.database_url.get_secret_value(), writes=True)) as database:
        try:
            database.create()
            with Waiting("reading the stream") as waiting:
                done = _rebuilt(settings, Store(database), waiting, stop)
        except IntakeError as error:
            complain(f"{error}; what was done so far stays: run it again")
            raise typer.Exit(FAILED) from None
    say(f"{done.steps:,} steps from {done.messages:,} messages of the stream, {done.renewed:,} uploads renewed")
    if not done.finished:
        complain("it was stopped before its end; what was done so far stays: run it again")
        raise typer.Exit(FAILED)


def _rebuilt(settings: History, store: Store, waiting: Waiting, stop: Stop) -> Rebuilt:
    try:
        return rebuild_(past(settings.amqp_urls, EVER), store, waiting, lambda: stop.asked)
    except NoStreamError as error:
        complain(f"{error}; only the steps that are kept are looked at")
        return rebuild_((), store, waiting, lambda: stop.asked)


def _run(settings: History, database: Database, stop: Stop) -> None:
    store = Store(database)
    line = Line(settings.amqp_urls, topology(settings.retry_delays_s, settings.stages), f"{APP} dead letters")
    url = settings.database_url.get_secret_value()
    upkeep = Upkeep(
        database,
        store,
        steps_days=settings.history_keep_days,
        uploads_days=settings.uploads_days,
        audit=(AuditStore(url), ActionStore(url)),
        audit_days=settings.audit_keep_days,
    )

    def resume(new: bool) -> int | None:
        if new:
            store.restart()
        return store.offset()

    def begin() -> None:
        database.create()
        if slow := database.without_text_index():
            log.warning("history.no_text_index", reason=slow)

    _until_it_works(begin, stop)
    busy_until_s = time.process_time()
    for batch in batches(settings.amqp_urls, settings.retry_delays_s, resume, lambda: stop.asked):
        if batch:
            steps = [step for step in map(step_of, batch) if step is not None]
            # first: what is recorded does not come again
            _until_it_works(partial(tell_dead, steps, line), stop, "history.broker_failed")
            _until_it_works(partial(store.record, steps, batch[-1].offset), stop)
            if len(batch) >= BATCH:
                stop.wait(REST * (time.process_time() - busy_until_s))
            busy_until_s = time.process_time()
        else:
            _until_it_works(upkeep.renew, stop)
        _until_it_works(upkeep.forget, stop)
    line.close()


def _until_it_works(work: Callable[[], object], stop: Stop, failed: str = "history.database_failed") -> None:
    """The stream keeps what comes meanwhile. Not done where the process is to stop: the next one begins there."""
    while not stop.asked:
        try:
            work()
        except TransientError as error:
            log.warning(failed, error=str(error))
            stop.wait(RETRY_S)
        else:
            return
