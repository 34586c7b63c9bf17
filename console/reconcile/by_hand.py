"""A person's sweep: one pass now, or the baseline of new rules. Sequence only."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from console.connect.portal import portal_client
from console.reconcile.baseline import Baselines, write_down
from console.reconcile.deliveries import FORGOTTEN
from console.reconcile.finding import Window
from console.reconcile.forever import FULL, note_pass
from console.reconcile.hiding import begin_new
from console.reconcile.places import rooms
from console.reconcile.report import Report
from console.reconcile.ruled import ruled
from console.reconcile.run import Order, ask, opened, sweep
from console.reconcile.settings import Settings
from shared.docspace.client import Client
from shared.rules.ids import id_text
from shared.rules.model import RuleSet
from shared.store.sweeps.store import ALL, SweepStore

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    since_s: int
    overrides: bool
    """What changed within `since_s` is judged whatever the baselines say."""
    full: bool
    grace_s: int
    dry_run: bool
    keeps_all: bool


def pass_by_hand(settings: Settings, wish: Wish, say: Say) -> Report:
    """TransientError where the portal, the broker or the ledger cannot be asked. Repeating it doubles nothing."""
    began = time.time()
    now = datetime.fromtimestamp(began, UTC)
    since = now - timedelta(seconds=wish.since_s)
    with opened(settings) as site:
        told = ask(site, min(since, now - FORGOTTEN), now)
        baselines = _baselines(site.rules, site.store, since if wish.overrides else None)
        is_real = wish.full and not wish.dry_run
        if is_real:
            begin_new(site.store, baselines, since.timestamp(), began)
        if wish.full:
            baselines = baselines.with_new(since.timestamp(), began)
        order = Order(
            places=rooms(baselines),
            window=Window(None if wish.full else since, now - timedelta(seconds=wish.grace_s)),
            baselines=baselines,
            dry_run=wish.dry_run,
            keeps_all=wish.keeps_all,
            between_pages=_counting(say),
        )
        report = sweep(site, order, told)
        if is_real:
            site.store.looked([ALL], began)
            note_pass(site.store, FULL, report, began, every_s=0)
    return report


def write_baseline(settings: Settings, at: datetime, say: Say) -> dict[str, int]:
    """By room, how many files were found that changed before `at`; of rules without a finished baseline alone."""
    client, store = portal_client(settings), SweepStore(settings.database_url.get_secret_value())
    try:
        return baseline_of(ruled(settings, client).rules, client, store, at, say)
    finally:
        store.close()
        client.close()


def baseline_of(rules: RuleSet, client: Client, store: SweepStore, at: datetime, say: Say) -> dict[str, int]:
    """The same with what it needs at hand. Repeating it changes nothing."""
    fresh = _baselines(rules, store, None)
    begin_new(store, fresh, at.timestamp(), time.time())
    counts: dict[str, int] = {}
    for room in fresh.rooms():
        name = id_text(room)
        for part in _baselines(rules, store, None).unfinished(room):
            store.raise_baseline(name, part, at.timestamp())
        unfinished = _baselines(rules, store, None).unfinished(room)
        if not unfinished:
            continue
        counts[name] = 0
        for page in client.files_below(room):
            write_down(store, room, unfinished, page)
            counts[name] += sum(1 for file in page if file.modified_at is None or file.modified_at < at)
            say(f"writing down what lies in room {name}: {counts[name]} files")
        for part in unfinished:
            store.end_baseline(name, part, time.time())
    return counts


def _baselines(rules: RuleSet, store: SweepStore, overridden: datetime | None) -> Baselines:
    return Baselines(rules, store.baselines(), overridden)


def _counting(say: Say) -> Callable[[], None]:
    pages = 0

    def count() -> None:
        nonlocal pages
        pages += 1
        say(f"looking through the rooms: {pages} pages")

    return count
