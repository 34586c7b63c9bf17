"""What the doctor says of the sweep, by what a reconciler noted in the ledger's database."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.doctor import sweep
from console.doctor.line import Level, Line
from console.reconcile.forever import FULL, WINDOW, note_pass
from console.reconcile.hiding import HIDING
from console.reconcile.report import Report
from shared.rules.file import single_rule
from shared.store.sweeps.store import ALL, SweepStore

NOW = 1_800_000_000.0
HOUR = 3600.0
RULES = single_rule("12", "13", "manager@example.com")
REPORT = Report((), {"missed": 2, "filed": 5}, 2)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture
def store(url: str) -> Iterator[SweepStore]:
    with contextlib.closing(SweepStore(url)) as found:
        yield found


def told(url: str) -> list[Line]:
    return list(sweep.check(url, RULES, lambda: NOW))


def test_where_no_reconciler_ever_ran_it_says_so(url: str) -> None:
    (line,) = told(url)
    assert (line.level, line.text) == (
        Level.WARNING,
        "no reconciler ever ran here: nobody finds what no webhook brings",
    )
    assert "intake reconcile --every 900" in line.mend


def test_the_last_passes_and_what_is_due_are_told(url: str, store: SweepStore) -> None:
    note_pass(store, WINDOW, REPORT, NOW - 60, 900)
    note_pass(store, FULL, REPORT, NOW - 9 * HOUR, 900)
    store.begin_baseline("12", "invoice", NOW, NOW)
    store.end_baseline("12", "invoice", NOW)
    store.hide(ALL, NOW - 300, "the portal was away: 503")
    assert [(line.level, line.text) for line in told(url)] == [
        (Level.OK, "the last window pass was 60 s ago: 7 files, 2 sent in"),
        (Level.WARNING, "the last window pass found 2 uploads that no webhook had brought"),
        (Level.OK, "the last full pass was 9 h ago: 7 files, 2 sent in"),
        (Level.OK, "due: all, for what was 5 min ago: the portal was away: 503"),
    ]


@pytest.mark.parametrize(
    ("window_ago", "full_ago", "late"),
    [(3_299, 49 * HOUR, set()), (3_301, 1.0, {"window"}), (60, 51 * HOUR, {"full"})],
)
def test_a_pass_that_is_overdue_is_a_warning(
    url: str, store: SweepStore, window_ago: float, full_ago: float, late: set[str]
) -> None:
    note_pass(store, WINDOW, Report((), {"filed": 5}, 0), NOW - window_ago, 900)
    note_pass(store, FULL, REPORT, NOW - full_ago, 900)
    assert {line.text.split()[2] for line in told(url) if line.level is Level.WARNING} == late


def test_what_hides_events_now_and_a_rule_without_a_baseline_are_named(url: str, store: SweepStore) -> None:
    note_pass(store, WINDOW, REPORT, NOW, 900)
    store.set_note(HIDING, "the portal was away: suspended")
    texts = [line.text for line in told(url)]
    assert "events are hidden now: the portal was away: suspended" in texts
    assert texts[-1] == "what lay there before rule default was made is not written down yet: it is due"


def test_a_ledger_that_cannot_be_reached_is_the_ledgers_own_line() -> None:
    assert told("postgresql://nobody@127.0.0.1:1/none") == []
