"""The reconciler: a window pass at each interval, and after it the passes that are due. Sequence only."""

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from console.reconcile import hiding
from console.reconcile.asked import Asked
from console.reconcile.baseline import Baselines
from console.reconcile.deliveries import FORGOTTEN
from console.reconcile.finding import Window
from console.reconcile.past_events import brought_in
from console.reconcile.places import ROOM, Place, files_of, places_of, rooms
from console.reconcile.report import Report, keys
from console.reconcile.run import Order, Site, ask, look_at, opened, sweep
from console.reconcile.schedule import plan, window_since
from console.reconcile.settings import Settings
from shared.amqp.operator.past import NoStreamError, past
from shared.docspace.errors import BusyError, TryLaterError
from shared.errors import IntakeError
from shared.process.configuration import configuration
from shared.store.sweeps.store import ALL, Due, Identity, SweepStore

FIRST, WINDOW, FULL, STREAM, RULES = "first", "window", "full", "stream", "rules"
"""Names of notes: since when there is a reconciler; the last passes of each kind; how far the stream was read; the
hash of the rules that it runs with."""
SLACK_S = 120.0
"""The stream is read from so long before the last look: the broker hands over whole chunks."""
GENTLE_AT_MOST_S = 2.0
KEEP_LOOKED_S = 7 * 86_400.0

log = structlog.get_logger()


class StoppingError(Exception):
    """The process is to end; what is due stays due."""


def run_for_ever(settings: Settings, every_s: int, grace_s: int, stop: threading.Event) -> None:
    """Until `stop`. A round that fails is logged, and made up for by the next."""
    log.info("worker.started", every_s=every_s)
    while not stop.is_set():
        try:
            with opened(settings) as site:
                _guarded_round(site, every_s, grace_s, stop)
        except StoppingError:
            break
        except IntakeError as error:
            log.error("reconcile.failed", reason=str(error))  # noqa: TRY400 - the sentence says it all
        stop.wait(every_s)
    log.info("worker.stopped")


def _guarded_round(site: Site, every_s: int, grace_s: int, stop: threading.Event) -> None:
    try:
        Round(site, every_s, grace_s, stop).run()
    except TryLaterError as error:
        if not isinstance(error, BusyError):  # a portal that limits our rate goes on sending
            hiding.note_portal_away(site.store, str(error))
        raise


class Round:
    def __init__(self, site: Site, every_s: int, grace_s: int, stop: threading.Event) -> None:
        self._site = site
        self._store = site.store
        self._every_s, self._grace_s = every_s, grace_s
        self._stop = stop
        self._sent: set[Identity] = set()
        self._now = time.time()
        self._since = window_since(self._now, every_s, grace_s, _began(site.store, WINDOW))
        self._until = datetime.fromtimestamp(self._now - grace_s, UTC)

    def run(self) -> None:
        """Raises what a pass raises; a pass that was made is noted before the next begins."""
        first = note_of(self._store, FIRST) or {"at": self._now}
        _set(self._store, FIRST, first)
        self._store.set_note(RULES, configuration(self._site.ruled.written).rules)
        self._look_at_the_stream()
        told = self._ask()
        hiding.note_webhooks(self._store, told, self._now)
        hiding.note_new_rules(self._store, self._baselines(), self._since, self._now)
        self._window_pass(told)
        todo = plan(
            self._now, self._store.due(), full_hour=self._site.settings.reconcile_full_hour,
            first_at=first["at"], last_full_at=_began(self._store, FULL),
        )  # fmt: skip
        self._late_files(todo.files, told)
        self._places(todo.places, told)
        if todo.full:
            self._full_pass(todo.full, told)
        self._store.forget_looked(self._now - KEEP_LOOKED_S)

    def _ask(self) -> Asked:
        now = datetime.fromtimestamp(self._now, UTC)
        since = min(datetime.fromtimestamp(self._since, UTC), now - FORGOTTEN - timedelta(hours=1))
        told = ask(self._site, since, now)
        if told.fault:
            log.error("webhook.missing", reason=told.fault)
        return told

    def _look_at_the_stream(self) -> None:
        """On a broker without a history only the full pass finds what came in with its folder."""
        last = note_of(self._store, STREAM)
        since = self._since if last is None else last["at"] - SLACK_S
        try:
            hiding.note_brought_in(self._store, brought_in(past(self._site.settings.amqp_urls, since)))
        except NoStreamError:
            return
        _set(self._store, STREAM, {"at": self._now})

    def _window_pass(self, told: Asked) -> None:
        baselines = self._baselines()
        window = Window(datetime.fromtimestamp(self._since, UTC), self._until)
        report = self._made(
            WINDOW, Order(places=rooms(baselines), window=window, baselines=baselines, sent=self._sent), told
        )
        note_pass(self._store, WINDOW, report, self._now, self._every_s)

    def _late_files(self, due: tuple[Due, ...], told: Asked) -> None:
        if not due:
            return
        baselines = self._baselines()
        files = list(files_of(due, self._site.client, baselines))
        report = look_at(self._site, self._order((), baselines), told, files)
        self._store.looked([each.scope for each in due], self._now)
        _log("late", report)

    def _places(self, due: tuple[Due, ...], told: Asked) -> None:
        baselines = self._baselines()
        for each in due:
            places = places_of(each, self._site.client, baselines)
            if any(baselines.is_new(place.room, part) for place in places for part in baselines.parts(place.room)):
                continue  # the next round is for it
            began = time.time()
            if places:
                self._made(each.scope, self._order(places, baselines), told)
            self._store.looked([each.scope], began)  # a room that could not be looked at is due since later

    def _full_pass(self, reason: str, told: Asked) -> None:
        log.info("reconcile.full_pass", reason=reason)
        baselines, began = self._baselines(), time.time()
        report = self._made(FULL, self._order(rooms(baselines), baselines), told)
        self._store.looked([ALL], began)
        note_pass(self._store, FULL, report, began, self._every_s)

    def _order(self, places: tuple[Place, ...], baselines: Baselines) -> Order:
        return Order(
            places=places, window=Window(None, self._until), baselines=baselines,
            between_pages=gently(self._stop.wait), sent=self._sent,
        )  # fmt: skip

    def _made(self, what: str, order: Order, told: Asked) -> Report:
        report = sweep(self._site, order, told)
        for room in report.hidden_rooms:
            self._store.hide(f"{ROOM}{room}", time.time(), "it could not be looked at")
        _log(what, report)
        return report

    def _baselines(self) -> Baselines:
        stored = self._store.baselines()
        return Baselines(self._site.rules, stored, new_since=self._now - self._grace_s)


def gently(wait: Callable[[float], bool], clock: Callable[[], float] = time.monotonic) -> Callable[[], None]:
    """Between two pages: as long a rest as the page took, so that the portal has half of its time for others.

    `wait` says True when the process is to stop: StoppingError.
    """
    asked_at = clock()

    def rest() -> None:
        nonlocal asked_at
        if wait(min(GENTLE_AT_MOST_S, clock() - asked_at)):
            raise StoppingError
        asked_at = clock()

    return rest


def note_of(store: SweepStore, name: str) -> dict[str, float] | None:
    told = store.note(name)
    found: dict[str, float] | None = json.loads(told) if told else None
    return found


def note_pass(store: SweepStore, name: str, report: Report, began: float, every_s: int) -> None:
    """The last of its kind, for the next round and for the doctor."""
    told = {"began_at": began, "ended_at": time.time(), "every_s": every_s}
    _set(store, name, told | {"looked_at": report.looked_at, "injected": report.injected})


def _began(store: SweepStore, name: str) -> float | None:
    told = note_of(store, name)
    return told["began_at"] if told else None


def _set(store: SweepStore, name: str, value: dict[str, float]) -> None:
    store.set_note(name, json.dumps(value))


def _log(what: str, report: Report) -> None:
    log.info(
        "reconcile.done",
        pass_=what,
        injected=report.injected,
        unchecked=list(report.unchecked),
        **keys(report.counts),
    )
