"""One pass: lists, judges, looks again at what seems missed, and sends it in. Sequence only."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from console.connect.portal import portal_client
from console.reconcile.asked import Asked, asked
from console.reconcile.backlog import Backlog, look
from console.reconcile.baseline import Baselines, write_down
from console.reconcile.confirm import Confirmed, Evidence, confirmed
from console.reconcile.dead_files import files_of
from console.reconcile.door import Door
from console.reconcile.finding import Finding, State, Window
from console.reconcile.judge import Judge
from console.reconcile.past_events import Past, past_of
from console.reconcile.places import FILE, Place
from console.reconcile.report import Report, Tally
from console.reconcile.ruled import Ruled, ruled
from console.reconcile.settings import Settings
from console.reconcile.upload import identity, uploaded_at
from shared.amqp.operator.dead_letters import DeadLetters
from shared.amqp.operator.past import NoStreamError, past
from shared.docspace.client import Client
from shared.docspace.errors import NotFoundError, RefusedError, ScopeMissingError, UnexplainedError
from shared.docspace.file_log import Act, file_log
from shared.docspace.model import FileInfo
from shared.rules.ids import id_text
from shared.rules.model import RuleSet
from shared.runtime.handling import LONGEST_FLOOR_S
from shared.store.ledger import Ledger
from shared.store.sweeps.store import EVERY_PART, Identity, SweepStore
from shared.wire.stages import MOVER, STAGES

SLACK = timedelta(minutes=1)
"""The broker's clock and the portal's may differ by so much."""
BEFORE_FILED = STAGES[: STAGES.index(MOVER) + 1]
"""A dead letter of one of these may be of a file that is not filed."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Site:
    """What a pass works with."""

    settings: Settings
    ruled: Ruled
    client: Client
    ledger: Ledger
    store: SweepStore
    door: Door

    @property
    def rules(self) -> RuleSet:
        """With the rooms that fit."""
        return self.ruled.rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one pass is to do."""

    places: tuple[Place, ...]
    window: Window
    baselines: Baselines
    dry_run: bool = False
    keeps_all: bool = False
    """The report names also what is left alone."""
    between_pages: Callable[[], None] = lambda: None
    sent: set[Identity] = field(default_factory=set)
    """What was sent in already, by an earlier pass of the same round; added to."""


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[Site]:
    """TransientError where the broker cannot be reached."""
    database = settings.database_url.get_secret_value()
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(contextlib.closing(portal_client(settings)))
        ledger = stack.enter_context(contextlib.closing(Ledger(database, owner="console reconcile")))
        store = stack.enter_context(contextlib.closing(SweepStore(database)))
        door = stack.enter_context(Door(settings.amqp_urls, settings.retry_delays_s, settings.stages))
        yield Site(settings, ruled(settings, client), client, ledger, store, door)


def ask(site: Site, since: datetime, now: datetime) -> Asked:
    """What the portal says of the webhooks, and what of the rooms it did not tell."""
    wanted = {trigger for rule in site.rules.enabled for trigger in rule.triggers}
    told = asked(site.client, wanted, since, now)
    return replace(told, unchecked=(*told.unchecked, *site.ruled.unchecked))


def sweep(site: Site, order: Order, told: Asked) -> Report:
    """TransientError where the portal, the broker or the ledger cannot be asked. Repeating it doubles nothing."""
    judge, tally = _judge(site, told), Tally(keeps_all=order.keeps_all)
    hidden: dict[Place, str] = {}
    for place in order.places:
        try:
            for page in site.client.files_below(place.folder, order.window.since):
                for finding in _of_page(site, order, judge, place, page):
                    tally.add(finding)
                order.between_pages()
        except (RefusedError, UnexplainedError) as error:
            hidden[place] = f"{place}: {error}"
            continue
        if place.is_whole_room and order.window.since is None and not order.dry_run:
            for part in order.baselines.unfinished(place.room):
                site.store.end_baseline(id_text(place.room), part, time.time())
    sent = _second_look(site, order, judge, tally, told)
    unchecked = (*told.unchecked, *hidden.values())
    return tally.report(sent, told.fault, unchecked, tuple(id_text(place.room) for place in hidden))


def look_at(site: Site, order: Order, told: Asked, files: Iterable[tuple[Place, FileInfo]]) -> Report:
    """The same of single files, each with the place that it lies in."""
    judge, tally = _judge(site, told), Tally(keeps_all=order.keeps_all)
    for place, file in files:
        for finding in _of_page(site, order, judge, place, [file]):
            tally.add(finding)
    return tally.report(_second_look(site, order, judge, tally, told), told.fault, told.unchecked)


def _judge(site: Site, told: Asked) -> Judge:
    settings = site.settings
    with DeadLetters(settings.amqp_urls) as letters:
        dead = files_of(letter for stage in BEFORE_FILED for letter in letters.read(stage.name))
    waits_s = _longest_wait_s(settings)
    return Judge(
        site.rules, site.client, site.ledger, settings.portal_host, dead, waits_s=waits_s, no_webhook=told.silent
    )


def _longest_wait_s(settings: Settings) -> float:
    """For the next attempt at a message: as much again for its turn in the queue."""
    return 2.0 * max(LONGEST_FLOOR_S, *settings.retry_delays_s)


def _of_page(site: Site, order: Order, judge: Judge, place: Place, page: list[FileInfo]) -> Iterator[Finding]:
    room = id_text(place.room)
    is_whole = place.is_whole_room and order.window.since is None
    unfinished = order.baselines.unfinished(place.room) if is_whole else {}
    if unfinished and not order.dry_run:
        write_down(site.store, place.room, unfinished, page)
    known = site.store.known(room, [str(file.id) for file in page])
    for file in page:
        yield judge.finding(file, place.room, order.window, known, order.baselines)


def _second_look(site: Site, order: Order, judge: Judge, tally: Tally, told: Asked) -> int:
    """How many were sent in."""
    found = tally.of(State.MISSED)
    backlog = look(site.settings, _longest_wait_s(site.settings)) if found else Backlog(at=time.time())
    evidence = Evidence(
        _past(site, found), told.deliveries, lambda file: _acts(site.client, file), order.window.until, backlog
    )
    sent = 0
    for each in confirmed(judge, found, evidence):
        tally.replace(each.finding)
        name = identity(each.finding.file)
        if each.finding.state is State.MISSED and not order.dry_run and name not in order.sent:
            _send(site, each)
            order.sent.add(name)
            sent += 1
        if not order.dry_run:
            _remember(site, each.finding)
    if not order.dry_run:
        for finding in tally.of(State.DONE):
            _remember(site, finding)
    return sent


def _send(site: Site, missed: Confirmed) -> None:
    site.door.send(missed)
    file = missed.finding.file
    log.info("reconcile.injected", file_id=file.id, title=file.title, why=missed.finding.reason)


def _remember(site: Site, finding: Finding) -> None:
    """What no pass is to look at again, and what the next round must ask for by itself."""
    if finding.settled:
        site.store.know(id_text(finding.room), EVERY_PART, [identity(finding.file)])
    if finding.state in {State.LATE, State.WAITING}:
        site.store.hide(f"{FILE}{finding.file.id}", time.time(), finding.reason)


def _past(site: Site, found: list[Finding]) -> Past:
    """Of these files since the first of them was uploaded."""
    times = [at for finding in found if (at := uploaded_at(finding.file))]
    if not times:
        return Past()
    wanted = {str(finding.file.id) for finding in found}
    try:
        return past_of(past(site.settings.amqp_urls, (min(times) - SLACK).timestamp()), wanted)
    except NoStreamError:
        return Past(is_told=False)


def _acts(client: Client, file: FileInfo) -> tuple[Act, ...] | None:
    try:
        return file_log(client, file.id)
    except NotFoundError:
        return ()
    except (RefusedError, ScopeMissingError, UnexplainedError):
        return None
