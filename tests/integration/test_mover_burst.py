"""Many invoices at once, each handled by a thread of its own, against the simulated portal over HTTP."""

import itertools
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from mover.grouped import FILES_A_MOVE, GroupedPortal
from mover.handler import Ports, handle
from shared.docspace.client import Client
from shared.docspace.errors import UnreachableError
from shared.docspace.limits import MOVERS_READ, MOVERS_WRITE, Limits
from shared.events import InvoiceDetected, encode
from shared.handling import outcome_of
from shared.ledger import Ledger
from shared.message import Message
from shared.outcome import Dead, Forward, Retry, Skip
from simulator import seed, uploads
from simulator.faults import parse
from simulator.server import Simulator
from simulator.settings import Settings

LATENCY_MS = 100
"""For files to gather while a call is under way."""

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def running():
    simulator = Simulator(Settings(port=0, smtp_port=0, webhook_url="", operation_ms=50, latency_ms=LATENCY_MS))
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def portal(running):
    running.reset()
    return running


class Spying:
    """The client, with its moves and polls written down; `before` and `after` are called around a group's move."""

    def __init__(self, client):
        self._client = client
        self.moves = []
        self.polls = []
        self.before = lambda _: None
        self.after = lambda _: None

    def __getattr__(self, name):
        return getattr(self._client, name)

    def move(self, ids, destination):
        self.moves.append(list(ids))
        if len(ids) > 1:
            self.before(ids)
        operation = self._client.move(ids, destination)
        if len(ids) > 1:
            self.after(ids)
        return operation

    def operation(self, operation_id):
        self.polls.append(operation_id)
        return self._client.operation(operation_id)


class Mover:
    def __init__(self, url, ledger):
        limits = Limits(MOVERS_READ, MOVERS_WRITE)
        self.client = Client(url, "sk-simulator", pool_size=limits.most, timeout_s=(10, 10), turn=limits.turn)
        self.spy = Spying(self.client)
        self.later_s = 0.0
        wait = threading.Event().wait
        self.ports = Ports("portal", GroupedPortal(self.spy, self.clock, wait), ledger, self.clock, wait)

    def clock(self):
        return time.time() + self.later_s

    def handle(self, file_id, attempt=1, destination=seed.INCOMING, folder=seed.CLIENT_ROOM):
        event = InvoiceDetected(
            file_id=file_id,
            title="Invoice",
            rule="default",
            destination=destination,
            recipients=("manager@example.org",),
            version=1,
            room_id=seed.CLIENT_ROOM,
            folder_id=folder,
        )
        message = Message(
            body=encode(event), type="", message_id=str(file_id), correlation_id="c", timestamp=0, attempt=attempt
        )
        return outcome_of(lambda message: handle(message, self.ports), message)

    def burst(self, ids, **how):
        """All at once: their outcomes."""
        together = threading.Barrier(len(ids))

        def one(file_id):
            together.wait(30)
            return self.handle(file_id, **how)

        with ThreadPoolExecutor(len(ids)) as pool:
            return dict(zip(ids, pool.map(one, ids), strict=True))


@pytest.fixture
def mover(running, tmp_path):
    ledger = Ledger(f"sqlite:///{tmp_path}/ledger.db", owner="mover@test")
    mover = Mover(running.url, ledger)
    yield mover
    mover.client.close()
    ledger.close()


def uploaded(portal, count, folder=seed.CLIENT_ROOM):
    return [
        uploads.simple(portal.portal, seed.CLIENT, folder, f"Invoice {next(NUMBERS)}.pdf", 3).id
        for _ in range(count)
    ]


def moved(portal):
    return Counter(move.file_id for move in portal.portal.moves)


def once(ids):
    return Counter(dict.fromkeys(ids, 1))


def test_a_burst_is_few_calls_within_the_portals_limits_and_each_file_is_moved_once(portal, mover):
    ids = uploaded(portal, 200)
    outcomes = mover.burst(ids)
    calls = portal.calls.as_json()
    assert all(isinstance(outcome, Forward) for outcome in outcomes.values())
    assert [outcomes[file_id].event.file_id for file_id in ids] == ids
    assert moved(portal) == once(ids)
    assert calls["writes"]["total"] <= 0.1 * len(ids)
    assert calls["reads"]["total"] <= 0.3 * len(ids)
    assert calls["writes"]["most_at_once"] <= MOVERS_WRITE.each
    assert calls["reads"]["most_at_once"] <= MOVERS_READ.each
    assert max(map(len, mover.spy.moves)) <= FILES_A_MOVE


def test_a_burst_at_the_old_end_of_a_full_folder_is_few_calls_too(portal, mover):
    stays = uploaded(portal, 150)
    ids = uploaded(portal, 60)
    uploaded(portal, 240)
    outcomes = mover.burst(ids)
    assert all(isinstance(outcome, Forward) for outcome in outcomes.values())
    assert portal.calls.as_json()["reads"]["total"] <= len(ids)
    assert not moved(portal).keys() & set(stays)


def test_one_asks_after_an_operation_and_all_its_files_are_told(portal, mover):
    ids = uploaded(portal, 40)
    assert all(isinstance(outcome, Forward) for outcome in mover.burst(ids).values())
    operations = {move.operation_id for move in portal.portal.moves}
    assert max(Counter(mover.spy.polls).values()) <= 3
    assert set(mover.spy.polls) <= operations


STATES = {
    "locked": ({"locked_by": seed.CLIENT.id}, Retry, "locked by Jane Client"),
    "edited": ({"editing": True}, Retry, "open in the editor"),
    "not to be moved": ({"denied": True}, Dead, "room manager in room"),
}


def spoil(portal, file_id, state):
    """What a person does to the file between our look and the portal's own."""
    with portal.portal.lock:
        if state == "deleted":
            del portal.portal.tree.files[file_id]
            return
        for name, value in STATES[state][0].items():
            setattr(portal.portal.tree.files[file_id], name, value)


@pytest.mark.parametrize("state", [*STATES, "deleted"])
def test_one_bad_file_is_refused_alone_and_its_neighbours_are_moved(portal, mover, state):
    ids = uploaded(portal, 20)
    bad = []

    def before(group):
        if not bad and len(group) >= 4:
            bad.append(group[2])
            spoil(portal, group[2], state)

    mover.spy.before = before
    outcomes = mover.burst(ids)
    (bad_id,) = bad
    kind, words = (Skip, "no longer exists") if state == "deleted" else STATES[state][1:]
    outcome = outcomes.pop(bad_id)
    assert isinstance(outcome, kind)
    assert words in outcome.reason
    assert all(isinstance(outcome, Forward) for outcome in outcomes.values())
    assert moved(portal) == once(outcomes)
    assert len(mover.spy.moves) <= 15
    if state == "locked":
        portal.portal.tree.files[bad_id].locked_by = ""
        assert isinstance(mover.handle(bad_id, attempt=2), Forward)


def test_a_file_that_fails_within_the_operation_fails_alone(portal, mover):
    ids = uploaded(portal, 20)
    bad = []

    def after(group):
        if not bad:
            bad.append(group[-1])
            spoil(portal, group[-1], "locked")

    mover.spy.after = after
    outcomes = mover.burst(ids)
    outcome = outcomes.pop(bad[0])
    assert isinstance(outcome, Retry)
    assert "locked or being edited" in outcome.reason
    assert all(isinstance(outcome, Forward) for outcome in outcomes.values())
    assert moved(portal) == once(outcomes)


def test_an_operation_that_fails_as_a_whole_is_quoted_for_each_and_each_is_moved_at_its_next_attempt(portal, mover):
    ids = uploaded(portal, 20)
    portal.faults.put(parse({"operation_error": "Die Quote ist überschritten"}))
    for outcome in mover.burst(ids).values():
        assert isinstance(outcome, Retry)
        assert "Die Quote ist überschritten" in outcome.reason
    portal.faults.clear()
    assert all(isinstance(outcome, Forward) for outcome in mover.burst(ids, attempt=2).values())
    assert moved(portal) == once(ids)


def test_a_destination_that_takes_nothing_is_found_out_without_trying_every_file(portal, mover):
    outcomes = mover.burst(uploaded(portal, 20), destination=seed.ROOMS)
    assert all(isinstance(outcome, Dead) for outcome in outcomes.values())
    assert len(mover.spy.moves) <= 4


@pytest.mark.parametrize("fault", ["drop_answer", "drop_connection"])
def test_a_group_whose_answer_never_came_is_moved_once(portal, mover, fault):
    ids = uploaded(portal, 20)
    cut = []

    def before(group):
        if not cut:
            cut.extend(group)
            request = requests.put(f"{portal.url}/simulator/faults", json={fault: 1, "latency_ms": 1}, timeout=5)
            request.raise_for_status()

    mover.spy.before = before
    outcomes = mover.burst(ids)
    unanswered = [file_id for file_id, outcome in outcomes.items() if not isinstance(outcome, Forward)]
    assert len(unanswered) >= len(cut)
    portal.faults.clear()
    sent_before = len(mover.spy.moves)
    again = mover.burst(unanswered, attempt=2)
    assert {type(outcome) for outcome in again.values()} == {Forward if fault == "drop_answer" else Retry}
    assert len(mover.spy.moves) == sent_before
    if fault == "drop_connection":
        mover.later_s = 61
        assert all(isinstance(outcome, Forward) for outcome in mover.burst(unanswered, attempt=3).values())
    assert moved(portal) == once(ids)


def test_what_keeps_coming_back_goes_alone_and_within_the_portals_limits(portal, mover):
    ids = uploaded(portal, 30)
    assert all(isinstance(outcome, Forward) for outcome in mover.burst(ids, attempt=3).values())
    assert all(len(move) == 1 for move in mover.spy.moves)
    calls = portal.calls.as_json()
    assert calls["writes"]["most_at_once"] <= MOVERS_WRITE.each
    assert calls["reads"]["most_at_once"] <= MOVERS_READ.each


def test_what_came_back_once_because_the_portal_was_away_goes_together_again(portal, mover):
    ids = uploaded(portal, 30)
    portal.faults.put(parse({"portal_down": True, "latency_ms": LATENCY_MS}))
    assert all(isinstance(outcome, Retry) for outcome in mover.burst(ids).values())
    portal.faults.clear()
    assert all(isinstance(outcome, Forward) for outcome in mover.burst(ids, attempt=2).values())
    assert len(mover.spy.moves) <= 10


def test_files_of_third_party_storage_go_alone_and_each_finds_its_new_id(portal, mover):
    ids = uploaded(portal, 6, folder=seed.DROPBOX_ROOM)
    outcomes = mover.burst(ids, folder=seed.DROPBOX_ROOM)
    assert all(len(move) == 1 for move in mover.spy.moves)
    new_ids = {outcome.event.file_id for outcome in outcomes.values()}
    assert len(new_ids) == 6
    assert not new_ids & set(ids)


def test_a_page_of_a_folder_never_says_that_a_file_is_gone(portal, mover):
    ids = uploaded(portal, 8)
    elsewhere = uploaded(portal, 2, folder=seed.CLIENT_SUBFOLDER)
    outcomes = mover.burst([*ids, *elsewhere])
    assert all(isinstance(outcome, Forward) for outcome in outcomes.values())


def test_a_portal_that_cannot_be_reached_is_told_to_every_member(mover, portal):
    ids = uploaded(portal, 10)
    mover.spy.folder_page = mover.spy.file = lambda *_, **__: (_ for _ in ()).throw(UnreachableError("refused"))
    assert all(isinstance(outcome, Retry) for outcome in mover.burst(ids).values())
