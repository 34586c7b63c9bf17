"""`history`: runs the projector, which keeps what the stream tells for `find` and `timeline`."""

import time
from collections.abc import Callable
from functools import partial

import structlog
import typer

from console.settings import FAILED, USAGE
from console.terminal.printing import complain
from shared.amqp.operator.stream import BATCH, batches
from shared.errors import IntakeError, TransientError
from shared.process.logs import configure_logs
from shared.process.settings import History, SettingsError, load
from shared.store.history.step import step_of
from shared.store.history.store import Store
from shared.store.history.tables import Database
from shared.worker import Stop

PRUNE_EVERY_S = 3600.0
RETRY_S = 1.0
REST = 6.0
"""After a full batch it rests so many times as long as that kept a processor busy. A full one means a burst, in
which the workers want the processors; the seventh of one that it takes is still some 900 steps a second."""
DAY_S = 86_400

log = structlog.get_logger()


def history(context: typer.Context) -> None:
    """Keep the history of every upload, until SIGTERM.

    Docker Compose runs it as the service history. Without it the workers work just the same, and `find`, `timeline`
    and `list` know nothing. It may be stopped and killed at any time, and goes on where it was, if that is within a
    week.

    \b
    Examples:
      intake history
      HISTORY_KEEP_DAYS=365 intake history

    It logs, one JSON line each where stdout is no terminal. The broker is found by AMQP_URL, the database by
    DATABASE_URL; both may be away for a while. Exit codes: 0 ended by SIGTERM, 1 what it keeps cannot be written at
    all, 2 wrong settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    try:
        settings = load(History, context.obj)
    except SettingsError as error:
        complain(f"these settings are wrong: {error}")
        raise typer.Exit(USAGE) from None
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


def _run(settings: History, database: Database, stop: Stop) -> None:
    store = Store(database)
    next_prune = time.monotonic()

    def resume(new: bool) -> int | None:
        if new:
            store.restart()
        return store.offset()

    _until_it_works(database.create, stop)
    busy_until_s = time.process_time()
    for batch in batches(settings.amqp_urls, settings.retry_delays_s, resume, lambda: stop.asked):
        if batch:
            steps = [step for step in map(step_of, batch) if step is not None]
            _until_it_works(partial(store.record, steps, batch[-1].offset), stop)
            if len(batch) >= BATCH:
                stop.wait(REST * (time.process_time() - busy_until_s))
            busy_until_s = time.process_time()
        if time.monotonic() >= next_prune:
            _until_it_works(partial(store.forget, time.time() - settings.history_keep_days * DAY_S), stop)
            next_prune = time.monotonic() + PRUNE_EVERY_S


def _until_it_works(work: Callable[[], object], stop: Stop) -> None:
    """The stream keeps what comes meanwhile. Not done where the process is to stop: the next one begins there."""
    while not stop.asked:
        try:
            work()
        except TransientError as error:
            log.warning("history.database_failed", error=str(error))
            stop.wait(RETRY_S)
        else:
            return
