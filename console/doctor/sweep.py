"""The sweep: does a reconciler run here, when were its last passes, and which are due? Reads what it noted."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from console.doctor.line import Area, Line
from console.reconcile.forever import FULL, RULES, WINDOW, note_of
from console.reconcile.hiding import HIDING
from shared.errors import TransientError
from shared.process.configuration import configuration
from shared.rules.ids import id_text
from shared.rules.model import RuleSet
from shared.store.ledger import Ledger
from shared.store.sweeps.store import Due, SweepStore

AREA = Area("sweep")
TOO_LATE = 3
"""Of its intervals: by then one pass failed, and the next as well."""
SLOW_S = 600.0
FULL_TOO_LATE_S = 50 * 3600.0
"""It is made once a day."""
START = "start it: docker compose up --detach reconciler, or intake reconcile --every 900"
RESTART = "restart it, if it was not restarted since: docker compose restart reconciler"
SHOWN = 5


def check(database_url: str, rules: RuleSet, clock: Callable[[], float] = time.time) -> Iterator[Line]:
    if _is_away(database_url):
        return  # as the ledger's own line says
    store = SweepStore(database_url)
    try:
        yield from _lines(store, rules, clock())
    except TransientError as error:
        yield AREA.failed(
            f"what it noted cannot be read: {error}", "bring this program to the database's version", cause="unseen"
        )
    finally:
        store.close()


def _is_away(database_url: str) -> bool:
    """The ledger is only read: the roles of the reconciler and the web console may not write in it."""
    ledger = Ledger(database_url, owner="doctor")
    try:
        ledger.peek("doctor")
    except TransientError:
        return True
    else:
        return False
    finally:
        ledger.close()


def _lines(store: SweepStore, rules: RuleSet, now: float) -> Iterator[Line]:
    window = note_of(store, WINDOW)
    if window is None:
        yield AREA.warning("no reconciler ever ran here: nobody finds what no webhook brings", START, cause="never")
        return
    age_s = now - window["began_at"]
    told = (
        f"the last window pass was {_ago(age_s)}: {window['looked_at']:.0f} files, {window['injected']:.0f} sent in"
    )
    if age_s > TOO_LATE * window["every_s"] + SLOW_S:
        yield AREA.warning(
            f"{told}; one is wanted every {window['every_s']:.0f} s", f"see its log, or {START}", cause="late"
        )
    else:
        yield AREA.ok(told)
    if window["injected"]:
        found = AREA.warning(
            f"the last window pass found {window['injected']:.0f} uploads that no webhook had brought",
            "see what is said of the webhook: it is off, late or lost; the uploads are on their way",
            cause="found-missed",
        )
        yield replace(found, count=int(window["injected"]), since=window["began_at"])
    if (ran_with := store.note(RULES)) and ran_with != configuration(rules).rules:
        yield AREA.warning(
            "the last round was made with other rules than are configured here", RESTART, cause="other-rules"
        )
    yield _of_full(note_of(store, FULL), now)
    if why := store.note(HIDING):
        yield AREA.warning(
            f"events are hidden now: {why}", "a full pass follows by itself when this has ended", cause="hidden"
        )
    yield from _of_due(store.due(), now)
    yield from _of_baselines(store, rules)


def _of_full(full: dict[str, float] | None, now: float) -> Line:
    if full is None:
        return AREA.ok("no full pass yet: the first is made at the quiet hour")
    age_s = now - full["began_at"]
    told = f"the last full pass was {_ago(age_s)}: {full['looked_at']:.0f} files, {full['injected']:.0f} sent in"
    if age_s > FULL_TOO_LATE_S:
        return AREA.warning(
            f"{told}; one a day is wanted",
            "see the reconciler's log, or: intake reconcile --full",
            cause="full-late",
        )
    return AREA.ok(told)


def _of_due(due: tuple[Due, ...], now: float) -> Iterator[Line]:
    for each in due[:SHOWN]:
        yield AREA.ok(f"due: {each.scope}, for what was {_ago(now - each.at)}: {each.reason}")
    if len(due) > SHOWN:
        yield AREA.ok(f"due: {len(due) - SHOWN} more")


def _of_baselines(store: SweepStore, rules: RuleSet) -> Iterator[Line]:
    stored = store.baselines()
    for rule in rules.enabled:
        parts = [(id_text(room), str(title)) for room in rule.rooms for title in rule.titles]
        if not all((baseline := stored.get(part)) and baseline.done for part in parts):
            yield AREA.ok(f"what lay there before rule {rule.name} was made is not written down yet: it is due")


def _ago(seconds: float) -> str:
    if seconds < 120:  # noqa: PLR2004 - a person's measure
        return f"{max(0.0, seconds):.0f} s ago"
    minutes = seconds / 60
    return f"{minutes:.0f} min ago" if minutes < 120 else f"{minutes / 60:.0f} h ago"  # noqa: PLR2004 - as above
