"""What broker, workers, reconciler and database tell now, for all pages: one look serves them for a while."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from console.connect.management import Management
from console.doctor.line import Line
from console.doctor.run import run
from console.operator.kept import Kept, kept
from console.problems.judge import judge
from console.problems.problem import Found
from console.settings import given
from console.status.command import Settings
from console.status.snapshot import Onlooker, Standing
from console.web.pages.latest import Latest
from shared.errors import PermanentError
from shared.process.settings import LedgerDatabase, SettingsError, load
from shared.store.history.tables import Database

CHECKS = ("broker", "sweep", "workers", "uploads")
"""What a process without the portal's key can look at within seconds; it sends no event and writes nothing."""
LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Seen:
    lines: tuple[Line, ...]
    """As doctor says them."""
    found: Found
    standing: Standing
    kept: Kept
    at: float
    """When the look began, in seconds since the epoch."""


def watch(environ: Mapping[str, str]) -> Latest[Seen]:
    return Latest(lambda: look(environ))


def look(environ: Mapping[str, str]) -> Seen:
    """PermanentError where the settings are wrong. What else could not be looked at stands in it."""
    at = time.time()
    checks = (*CHECKS, "mail") if given("SMTP_URL", environ) else CHECKS
    here = [line for area in run(environ, LIMIT_S, names=checks) for line in area]
    told = _kept(environ, at)
    lines = (*here, *told.lines(checks))
    return Seen(lines, judge(lines), _standing(environ), told, at)


def _kept(environ: Mapping[str, str], now: float) -> Kept:
    """What the reconciler told operators of: it can ask the portal."""
    try:
        return kept(load(LedgerDatabase, environ).database_url.get_secret_value(), now)
    except (SettingsError, ValueError):
        return Kept()


def _standing(environ: Mapping[str, str]) -> Standing:
    try:
        settings = load(Settings, environ)
    except SettingsError as error:
        raise PermanentError(f"these settings are wrong: {error}") from error
    management = Management(settings.amqp_urls, settings.management_url)
    with (
        _database(environ) as database,
        Onlooker(
            settings.amqp_urls,
            settings.retry_delays_s,
            management,
            database,
            addresses=settings.health_urls,
            names=settings.names,
        ) as onlooker,
    ):
        return onlooker.look()


@contextlib.contextmanager
def _database(environ: Mapping[str, str]) -> Iterator[Database | str]:
    try:
        database = Database(load(LedgerDatabase, environ).database_url.get_secret_value())
    except (SettingsError, ValueError) as error:
        yield f"this setting is wrong: {error}"
        return
    with contextlib.closing(database):
        yield database
