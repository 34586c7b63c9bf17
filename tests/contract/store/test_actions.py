"""Actions, what was put away, pauses and the audit keep the same promises on SQLite and PostgreSQL."""

import threading
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from shared.store.actions import store as actions_store
from shared.store.actions.action import Action, State
from shared.store.actions.pauses import PauseStore
from shared.store.actions.put_away import PutAway, PutAwayStore
from shared.store.actions.store import ActionStore
from shared.store.audit.store import AuditStore, Person, Through
from tests.support.waiting import wait_until

ANNA = Person("Anna", Through.WEB)
LETTER = PutAway(
    id="1", who="Anna", why="a test", action="a", stage="mover", message_id="m", title="Invoice.pdf", code="locked",
    reason="it is locked", letter="{}",
)  # fmt: skip


@pytest.fixture
def url(database_url: str) -> str:
    return database_url


@pytest.fixture
def store(url: str) -> Iterator[ActionStore]:
    found = ActionStore(url)
    yield found
    found.close()


def asked(store: ActionStore, *keys: str) -> str:
    action_id = uuid4().hex
    store.add(action_id, "retry", {"reason": "locked"}, count=len(keys), by=ANNA, keys=keys)
    return action_id


def _got(store: ActionStore, action_id: str) -> Action:
    found = store.get(action_id)
    assert found is not None
    return found


def test_an_action_is_kept_with_its_items_in_their_order(store: ActionStore) -> None:
    action_id = asked(store, *(f"key {number}" for number in range(1000)))
    found = store.get(action_id)
    assert found is not None
    assert (found.verb, found.filter, found.count, found.asked_by) == ("retry", {"reason": "locked"}, 1000, ANNA)
    assert (found.state, found.done, found.failed, found.place) == (State.WAITING, 0, 0, 0)
    assert [item.key for item in store.items(action_id)] == [f"key {number}" for number in range(1000)]


def test_of_many_processes_at_once_exactly_one_holds_an_action(store: ActionStore, url: str) -> None:
    action_id = asked(store, "a")
    begin, won = threading.Barrier(8), []

    def take(name: str) -> None:
        mine = ActionStore(url)
        begin.wait()
        if mine.hold(action_id, name):
            won.append(name)
        mine.close()

    takers = [threading.Thread(target=take, args=(str(number),)) for number in range(8)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()
    assert len(won) == 1
    assert store.open_ones() == []


def test_who_holds_it_no_more_begins_no_further_item(store: ActionStore, monkeypatch) -> None:
    monkeypatch.setattr(actions_store, "LEASE_S", 0.2)
    action_id = asked(store, "a", "b")
    assert store.hold(action_id, "first")
    assert store.begin(action_id, "first", 1)
    assert not store.hold(action_id, "second")
    wait_until(lambda: store.open_ones() == [action_id], 10, "the end of the lease")
    assert store.hold(action_id, "second")
    assert not store.begin(action_id, "first", 2)
    assert store.begin(action_id, "second", 2)


def test_a_stopped_action_begins_nothing_until_it_is_resumed(store: ActionStore) -> None:
    action_id = asked(store, "a", "b")
    store.hold(action_id, "me")
    store.begin(action_id, "me", 1)
    assert store.stop(action_id)
    store.end(action_id, 1)
    assert not store.begin(action_id, "me", 2)
    store.let_go(action_id, "me")
    assert not store.hold(action_id, "me")
    assert store.resume(action_id)
    assert not store.resume(action_id)
    assert store.hold(action_id, "me")
    assert store.begin(action_id, "me", 2)


def test_an_item_that_ends_twice_is_counted_once(store: ActionStore) -> None:
    action_id = asked(store, "a", "b")
    store.hold(action_id, "me")
    for _ in range(2):
        store.begin(action_id, "me", 1)
        store.end(action_id, 1)
        store.end(action_id, 2, why="gone")
        store.end(action_id, 2)
    found = store.get(action_id)
    assert found is not None
    assert (found.done, found.failed) == (1, 1)
    assert store.finish(action_id, "me")
    assert not store.stop(action_id)


def test_an_action_that_cannot_go_on_says_why_until_it_does(store: ActionStore, monkeypatch) -> None:
    monkeypatch.setattr(actions_store, "LEASE_S", 0.3)
    action_id = asked(store, "a")
    store.hold(action_id, "me")
    store.broke_off(action_id, "me", "no broker answers")
    assert _got(store, action_id).fault == "no broker answers"
    wait_until(lambda: store.hold(action_id, "me"), 10, "the end of the lease")
    assert _got(store, action_id).fault is None


def test_what_was_put_away_is_kept_once_and_given_back_once(url: str) -> None:
    store = PutAwayStore(url)
    for _ in range(2):
        store.keep(LETTER)
    (kept,) = store.latest(9)
    assert (kept.message_id, kept.why, kept.letter) == ("m", "a test", "{}")
    store.taken_back("1", "Ben (web)")
    store.taken_back("1", "Carl (web)")
    assert store.latest(9) == []
    back = store.get("1")
    assert back is not None
    assert back.taken_back_by == "Ben (web)"
    assert store.prune(60.0) == 0
    assert store.prune(-60.0) == 1
    assert store.get("1") is None
    store.close()


def test_a_pause_ends_by_itself_or_when_somebody_resumes(url: str) -> None:
    store = PauseStore(url)
    assert store.now("mover") is None
    store.pause("mover", "Anna", "the folder is renamed", time.time() + 0.5)
    assert [(pause.stage, pause.who) for pause in store.all()] == [("mover", "Anna")]
    assert store.now("notifier") is None
    wait_until(lambda: store.now("mover") is None, 10, "the end of the pause")
    store.pause("mover", "Anna", "again", time.time() + 3600)
    assert [pause.stage for pause in store.all()] == ["mover"]
    store.resume("mover")
    store.resume("mover")
    assert store.all() == []
    store.close()


def test_the_audit_is_written_before_and_its_result_after(url: str) -> None:
    audit = AuditStore(url)
    first = audit.begin(ANNA, "retry", "3 dead letters", {"reason": "locked"}, 3)
    (entry,) = audit.latest(9)
    assert (entry.who, entry.through, entry.result) == ("Anna", Through.WEB, None)
    audit.end(first, "3 done")
    audit.begin(Person("Ben", Through.COMMAND_LINE), "pause", "mover", {}, entry_id="x")
    audit.begin(Person("Ben", Through.COMMAND_LINE), "pause", "mover", {}, entry_id="x")
    found = audit.latest(9)
    assert [(each.who, each.result) for each in found] == [("Ben", None), ("Anna", "3 done")]
    assert found[1].filter == {"reason": "locked"}
    assert audit.latest(9, before=(found[0].at, found[0].id)) == [found[1]]
    audit.close()


def test_the_audit_and_what_was_asked_for_are_forgotten_once_they_are_old(url: str, store: ActionStore) -> None:
    audit = AuditStore(url)
    entry = audit.begin(ANNA, "retry", "dead letters", {})
    done, waiting = asked(store, "a"), asked(store, "b")
    assert store.hold(done, "me")
    assert store.finish(done, "me")
    assert (audit.prune(3600), store.prune(3600)) == (0, 0)
    time.sleep(0.01)
    assert (audit.prune(0), store.prune(0)) == (1, 1)
    assert (audit.latest(9), store.get(done), store.items(done)) == ([], None, [])
    found = store.get(waiting)
    assert found is not None
    assert found.state is State.WAITING
    assert entry
    audit.close()
