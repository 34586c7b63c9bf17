"""The sweep's memory, on both databases and over a restart: a second store stands for the next process."""

from collections.abc import Iterator

import pytest

from shared.store.sweeps.store import ALL, EVERY_PART, Baseline, Due, Identity, SweepStore

OLD, NEW = Identity("7", 1, "2026-07-02T11:30:00.000000Z"), Identity("7", 2, "2026-07-02T11:30:00.000000Z")


@pytest.fixture
def store(database_url: str) -> Iterator[SweepStore]:
    found = SweepStore(database_url)
    yield found
    found.close()


@pytest.fixture
def later(database_url: str) -> Iterator[SweepStore]:
    found = SweepStore(database_url)
    yield found
    found.close()


def test_what_is_known_is_one_upload_of_one_file_in_one_room(store: SweepStore, later: SweepStore) -> None:
    store.know("12", "invoice", [OLD, OLD])
    store.know("12", EVERY_PART, [OLD])
    assert later.known("12", ["7", "8"]) == {OLD: frozenset({"invoice", EVERY_PART})}
    assert later.known("13", ["7"]) == {}
    assert later.known("12", []) == {}


def test_many_files_are_known_in_one_call(store: SweepStore) -> None:
    many = [Identity(str(number), 1, "") for number in range(1201)]
    for _ in range(2):
        store.know("12", "invoice", many)
    assert len(store.known("12", [each.file_id for each in many[:1000]])) == 1000


def test_a_baseline_that_was_begun_keeps_its_time_until_it_is_done(store: SweepStore, later: SweepStore) -> None:
    store.begin_baseline("12", "invoice", since=100.0, now=200.0)
    later.begin_baseline("12", "invoice", since=150.0, now=300.0)
    assert later.baselines() == {("12", "invoice"): Baseline(100.0, 200.0, done=False)}
    later.raise_baseline("12", "invoice", 180.0)
    store.end_baseline("12", "invoice", 400.0)
    store.raise_baseline("12", "invoice", 900.0)
    assert later.baselines() == {("12", "invoice"): Baseline(180.0, 200.0, done=True)}


def test_what_hid_events_is_due_until_a_pass_that_began_later(store: SweepStore, later: SweepStore) -> None:
    store.hide(ALL, 100.0, "the portal was away")
    store.hide("folder:5", 90.0, "moved")
    store.hide("folder:5", 80.0, "moved before")
    assert later.due() == (Due("folder:5", 90.0, "moved"), Due(ALL, 100.0, "the portal was away"))
    later.looked([ALL, "folder:5"], 95.0)
    assert store.due() == (Due(ALL, 100.0, "the portal was away"),)
    later.looked([ALL], 101.0)
    assert store.due() == ()


def test_an_event_that_is_read_twice_makes_nothing_due_again_and_a_later_one_does(store: SweepStore) -> None:
    store.hide("folder:5", 90.0, "moved")
    store.looked(["folder:5"], 95.0)
    store.hide("folder:5", 90.0, "moved")
    assert store.due() == ()
    store.hide("folder:5", 96.0, "moved again")
    assert [due.scope for due in store.due()] == ["folder:5"]


def test_what_was_looked_at_long_ago_is_forgotten_and_what_is_due_is_not(store: SweepStore) -> None:
    store.hide("file:1", 10.0, "late")
    store.hide("file:2", 10.0, "late")
    store.looked(["file:1"], 20.0)
    store.forget_looked(21.0)
    store.hide("file:1", 10.0, "late")
    assert [due.scope for due in store.due()] == ["file:1", "file:2"]


def test_a_note_is_the_last_that_was_written(store: SweepStore, later: SweepStore) -> None:
    assert store.note("x") is None
    store.set_note("x", "1")
    store.set_note("x", "2")
    assert later.note("x") == "2"
    later.drop_note("x")
    assert store.note("x") is None
