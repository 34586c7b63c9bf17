"""The mover's handler, DocSpace client and ledger against the simulated portal over HTTP."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
import requests

from mover.grouped import GroupedPortal
from mover.handler import Ports, handle
from mover.limits import Limited
from shared.docspace.client import Client
from shared.docspace.errors import BusyError, KeyRefusedError, TryLaterError, UnreachableError
from shared.docspace.probe import PortalProbe
from shared.events import InvoiceDetected, encode
from shared.ledger import Done, Ledger
from shared.message import Message
from shared.outcome import Dead, Forward, Retry, Skip
from simulator import seed
from simulator.server import Simulator
from simulator.settings import Settings
from tests.support.waiting import wait_until

TITLE = "Invoice 2026-0714.pdf"
KEY = "sk-test"
OPERATION_MS = 150


@pytest.fixture(scope="module")
def running():
    simulator = Simulator(Settings(port=0, smtp_port=0, api_key=KEY, webhook_url="", operation_ms=OPERATION_MS))
    simulator.start()
    yield simulator
    simulator.stop()


class Portal:
    """The simulator's own handles, as a test wants them."""

    def __init__(self, url):
        self.url = url

    def upload(self, title=TITLE, folder=seed.CLIENT_ROOM):
        query = {"folder": folder, "name": title}
        return self._answer(requests.post(f"{self.url}/simulator/upload", params=query, data=b"pdf", timeout=5))[
            "id"
        ]

    def fault(self, **faults):
        self._answer(requests.put(f"{self.url}/simulator/faults", json=faults, timeout=5))

    def set_file(self, file_id, **state):
        self._answer(requests.put(f"{self.url}/simulator/files/{file_id}", json=state, timeout=5))

    def moves(self):
        return self._state()["moves"]

    def files_in(self, folder_id):
        return [file for file in self._state()["files"] if file["folder_id"] == folder_id]

    def _state(self):
        return self._answer(requests.get(f"{self.url}/simulator/state", timeout=5))

    @staticmethod
    def _answer(reply):
        reply.raise_for_status()
        return reply.json()


@pytest.fixture
def portal(running):
    requests.post(f"{running.url}/simulator/reset", timeout=5).raise_for_status()
    return Portal(running.url)


class Mover:
    """One worker's handler, with a clock that a test may set forward."""

    def __init__(self, url, ledger, key=KEY, timeout_s=(1, 1)):
        self.client = Client(url, key, pool_size=2, timeout_s=timeout_s)
        self.later_s = 0.0
        self.stop = threading.Event()
        grouped = GroupedPortal(Limited(self.client), self.clock, self.stop.wait)
        self.ports = Ports("portal", grouped, ledger, self.clock, self.stop.wait)

    def clock(self):
        return time.time() + self.later_s

    def handle(self, file_id, message_id="m-1", destination=seed.INCOMING):
        event = InvoiceDetected(
            file_id=file_id,
            title=TITLE,
            rule="default",
            destination=destination,
            recipients=("manager@example.org",),
            version=1,
            room_id=seed.CLIENT_ROOM,
            folder_id=seed.CLIENT_ROOM,
            uploaded_at="2026-07-02T09:14:31Z",
        )
        message = Message(
            body=encode(event), type="invoice.detected", message_id=message_id, correlation_id="c", timestamp=0
        )
        return handle(message, self.ports)


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(f"sqlite:///{tmp_path}/ledger.db", owner="mover@test")
    yield ledger
    ledger.close()


@pytest.fixture
def mover(running, ledger):
    mover = Mover(running.url, ledger)
    yield mover
    mover.client.close()


def test_an_invoice_is_filed_once_with_a_link(portal, mover):
    file_id = portal.upload()
    outcome = mover.handle(file_id)
    assert isinstance(outcome, Forward)
    filed = outcome.event
    assert (filed.file_id, filed.title, filed.uploaded_by) == (file_id, TITLE, seed.CLIENT.display_name)
    assert str(file_id) in filed.web_url
    assert [(move["file_id"], move["to"]) for move in portal.moves()] == [(file_id, seed.INCOMING)]


def test_a_second_file_of_the_same_title_is_filed_beside_the_first(portal, mover):
    first, second = portal.upload(), portal.upload(folder=seed.OTHER_CLIENT_ROOM)
    assert isinstance(mover.handle(first, "m-1"), Forward)
    assert isinstance(mover.handle(second, "m-2"), Forward)
    assert {file["id"] for file in portal.files_in(seed.INCOMING)} == {first, second}


def test_a_twin_is_skipped(portal, mover):
    file_id = portal.upload()
    mover.handle(file_id, "m-1")
    assert isinstance(mover.handle(file_id, "m-2"), Skip)
    assert len(portal.moves()) == 1


def test_a_file_that_is_already_there_is_filed_without_a_move(portal, mover, ledger):
    file_id = portal.upload()
    mover.client.move([file_id], seed.INCOMING)
    wait_until(portal.moves, 5, "the move", every_s=0.01)
    assert isinstance(mover.handle(file_id), Forward)
    assert len(portal.moves()) == 1
    assert isinstance(ledger.peek(f"move:portal:{file_id}:1"), Done)


def test_a_locked_file_is_tried_again_and_filed_when_it_is_free(portal, mover):
    file_id = portal.upload()
    portal.set_file(file_id, locked_by="client")
    assert "locked by Jane Client" in mover.handle(file_id).reason
    portal.set_file(file_id, locked_by=None)
    assert isinstance(mover.handle(file_id), Forward)


def test_an_edited_file_is_tried_again(portal, mover):
    file_id = portal.upload()
    portal.set_file(file_id, editing=True)
    outcome = mover.handle(file_id)
    assert isinstance(outcome, Retry)
    assert "open in the editor" in outcome.reason


def test_a_file_that_may_not_be_moved_is_dead_and_names_the_right(portal, mover):
    file_id = portal.upload()
    portal.set_file(file_id, denied=True)
    outcome = mover.handle(file_id)
    assert isinstance(outcome, Dead)
    assert f"room manager in room {seed.CLIENT_ROOM}" in outcome.reason


def test_a_user_that_only_views_the_room_is_told_which_right_is_missing(running, portal, ledger):
    weak = Mover(running.url, ledger, key=seed.NO_RIGHTS_KEY)
    outcome = weak.handle(portal.upload())
    weak.client.close()
    assert isinstance(outcome, Dead)


def test_a_destination_that_does_not_exist_is_dead(portal, mover):
    outcome = mover.handle(portal.upload(), destination=1)
    assert isinstance(outcome, Dead)
    assert "folder 1, the destination of rule default, does not exist" in outcome.reason


def test_a_destination_where_nothing_may_be_put_is_dead(portal, mover):
    outcome = mover.handle(portal.upload(), destination=seed.ROOMS)
    assert isinstance(outcome, Dead)
    assert f"may not move files to folder {seed.ROOMS}" in outcome.reason


def test_a_file_that_is_gone_is_skipped(portal, mover):
    file_id = portal.upload()
    portal.set_file(file_id, deleted=True)
    assert mover.handle(file_id) == Skip("the file no longer exists")


def test_a_file_in_the_clients_trash_is_skipped(running, portal, mover):
    file_id = portal.upload()
    reply = requests.delete(
        f"{running.url}/api/2.0/files/file/{file_id}",
        json={"deleteAfter": True, "immediately": False},
        headers={"Authorization": f"Bearer {seed.CLIENT_KEY}"},
        timeout=5,
    )
    if reply.status_code >= 400:  # who may only add files deletes none: then the owner of the portal does
        portal.set_file(file_id, deleted=True)
    else:
        wait_until(lambda: portal.files_in(seed.TRASH), 5, "the file in the trash", every_s=0.01)
    assert isinstance(mover.handle(file_id), Skip)


def test_a_lost_operation_that_moved_the_file_is_filed(portal, mover):
    portal.fault(operation_lost=True, operation_lost_moves=True)
    assert isinstance(mover.handle(portal.upload()), Forward)


def test_a_slow_lost_operation_that_moved_the_file_is_filed(portal, mover):
    portal.fault(operation_lost=True, operation_lost_moves=True, operation_ms=1200)
    assert isinstance(mover.handle(portal.upload()), Forward)


def test_a_lost_operation_that_moved_nothing_is_tried_again(portal, mover, monkeypatch):
    monkeypatch.setattr("mover.proof.LOST_PATIENCE_S", 1.0)
    file_id = portal.upload()
    portal.fault(operation_lost=True)
    assert "lost the move operation" in mover.handle(file_id).reason
    portal.fault()
    assert isinstance(mover.handle(file_id), Forward)
    assert len(portal.moves()) == 1


def test_a_failed_operation_is_quoted_and_tried_again(portal, mover):
    file_id = portal.upload()
    portal.fault(operation_error="Die Quote ist überschritten")
    outcome = mover.handle(file_id)
    assert isinstance(outcome, Retry)
    assert "Die Quote ist überschritten" in outcome.reason
    portal.fault()
    assert isinstance(mover.handle(file_id), Forward)


def test_a_silent_no_op_is_never_taken_for_filed(portal, mover):
    file_id = portal.upload()
    portal.fault(silent_noop=True)
    outcome = mover.handle(file_id)
    assert isinstance(outcome, Retry)
    assert "said done, but the file is not in" in outcome.reason
    portal.fault()
    assert isinstance(mover.handle(file_id), Forward)


def test_a_portal_that_is_down_is_transient_and_then_the_invoice_is_filed(portal, mover):
    file_id = portal.upload()
    portal.fault(portal_down=True)
    with pytest.raises(TryLaterError) as caught:
        mover.handle(file_id)
    assert caught.value.status == 503
    portal.fault()
    assert isinstance(mover.handle(file_id), Forward)


def test_a_refused_connection_is_transient(ledger):
    alone = Mover("http://127.0.0.1:9", ledger)
    with pytest.raises(UnreachableError):
        alone.handle(1)


def test_a_refused_key_is_transient(running, portal, ledger):
    stranger = Mover(running.url, ledger, key="sk-unknown")
    with pytest.raises(KeyRefusedError, match="refuses our API key"):
        stranger.handle(portal.upload())
    stranger.client.close()


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({}, 60),  # the portal always names when its window ends
        ({"retry_after": 70}, 70),
        ({"ratelimit_reset": 9}, 9),
        ({"retry_after": 7, "ratelimit_reset": 9}, 9),
    ],
)
def test_a_rate_limit_on_the_move_keeps_the_floor_it_names(portal, mover, headers, wait_s):
    file_id = portal.upload()
    portal.fault(status=[{"code": 429, "method": "PUT", "path_contains": "fileops/move", **headers}])
    with pytest.raises(BusyError) as caught:
        mover.handle(file_id)
    assert caught.value.retry_after_s == wait_s
    assert isinstance(mover.handle(file_id), Forward)


def test_a_rate_limit_on_the_polling_does_not_end_the_attempt(portal, mover):
    file_id = portal.upload()
    portal.fault(status=[{"code": 429, "method": "GET", "path_contains": "fileops", "times": 2}])
    assert isinstance(mover.handle(file_id), Forward)


def test_a_move_whose_answer_was_cut_is_found_done_at_the_next_attempt(portal, mover):
    file_id = portal.upload()
    _cut_the_answer_to_the_move(portal, mover)
    with pytest.raises(UnreachableError) as caught:
        mover.handle(file_id)
    assert caught.value.maybe_done
    wait_until(portal.moves, 5, "the move", every_s=0.01)
    assert isinstance(mover.handle(file_id), Forward)
    assert len(portal.moves()) == 1


def test_a_move_that_never_arrived_is_sent_again_after_a_minute(portal, mover):
    file_id = portal.upload()
    _cut_the_answer_to_the_move(portal, mover, fault="drop_connection")
    with pytest.raises(UnreachableError):
        mover.handle(file_id)
    outcome = mover.handle(file_id)
    assert isinstance(outcome, Retry)
    assert outcome.not_before_s > 50
    assert portal.moves() == []
    mover.later_s = 61
    assert isinstance(mover.handle(file_id), Forward)


def test_a_move_that_outlives_the_attempt_is_taken_up_by_the_next(portal, mover):
    file_id = portal.upload()
    portal.fault(operation_ms=1000)
    mover.stop.set()
    assert "stopping" in mover.handle(file_id).reason
    mover.stop.clear()
    assert isinstance(mover.handle(file_id), Forward)
    assert len(portal.moves()) == 1


def test_workers_racing_for_one_file_move_it_exactly_once(running, portal, tmp_path):
    file_id = portal.upload()
    ledgers = [Ledger(f"sqlite:///{tmp_path}/ledger.db", owner=f"mover-{n}") for n in range(6)]
    movers = [Mover(running.url, ledger, timeout_s=(5, 5)) for ledger in ledgers]
    start = threading.Barrier(len(movers))

    def race(number):
        start.wait()
        return movers[number].handle(file_id, f"m-{number}")

    with ThreadPoolExecutor(len(movers)) as pool:
        outcomes = list(pool.map(race, range(len(movers))))
    for mover, ledger in zip(movers, ledgers, strict=True):
        mover.client.close()
        ledger.close()
    assert sum(isinstance(outcome, Forward) for outcome in outcomes) == 1
    assert all(isinstance(outcome, Forward | Retry | Skip) for outcome in outcomes)
    assert len(portal.moves()) == 1


def test_a_move_out_of_third_party_storage_is_found_by_its_new_id(portal, mover):
    file_id = portal.upload(folder=seed.DROPBOX_ROOM)
    assert isinstance(file_id, str)
    filed = mover.handle(file_id).event
    assert isinstance(filed.file_id, int)
    assert filed.source_file_id == file_id
    assert isinstance(mover.handle(file_id, "m-2"), Skip)


def test_a_lost_move_out_of_third_party_storage_is_found_by_its_title(portal, mover):
    older = portal.upload()
    mover.handle(older, "m-0")
    file_id = portal.upload(folder=seed.DROPBOX_ROOM)
    portal.fault(operation_lost=True, operation_lost_moves=True)
    assert mover.handle(file_id).event.file_id not in (older, file_id)


def test_a_file_in_third_party_storage_that_gets_a_filed_ones_id_again_is_filed_too(portal, mover):
    first = portal.upload(folder=seed.DROPBOX_ROOM)
    assert isinstance(mover.handle(first, "m-1"), Forward)
    second = portal.upload(folder=seed.DROPBOX_ROOM)
    assert second == first
    event = InvoiceDetected(
        file_id=second,
        title=TITLE,
        rule="default",
        destination=seed.INCOMING,
        recipients=("manager@example.org",),
        version=1,
        uploaded_at="2026-08-02T09:14:31Z",
    )
    message = Message(body=msgspec.json.encode(event), type="", message_id="m-2", correlation_id="c", timestamp=0)
    assert isinstance(handle(message, mover.ports), Forward)
    assert len(portal.files_in(seed.INCOMING)) == 2


def test_the_client_knows_its_user_and_a_folders_path(portal, mover):
    assert mover.client.self_id() == seed.SERVICE.id
    path = mover.client.folder_path(seed.CLIENT_SUBFOLDER)
    assert [folder.id for folder in path] == [seed.ROOMS, seed.CLIENT_ROOM, seed.CLIENT_SUBFOLDER]
    assert mover.client.folder(seed.INCOMING).can_move_to is True


def test_the_probe_finds_a_fitting_portal_and_names_what_does_not_fit(running, portal, mover):
    fits = PortalProbe(mover.client, [(seed.CLIENT_ROOM, "CLIENT_ROOM_ID")], destinations=[(seed.INCOMING, "rule")])
    assert fits.ask()
    stranger = Client(running.url, "sk-unknown", pool_size=1)
    refused = PortalProbe(stranger, [])
    assert not refused.ask()
    stranger.close()
    assert "check DOCSPACE_API_KEY" in refused.check()
    missing = PortalProbe(mover.client, [(1, "INCOMING_FOLDER_ID")])
    assert not missing.ask()
    assert missing.check() == "folder 1 (INCOMING_FOLDER_ID) does not exist on the portal (404)"


def _cut_the_answer_to_the_move(portal, mover, fault="drop_answer"):
    """The fault takes the next call whatever it is, so it is set right before the move leaves."""
    move = mover.client.move

    def cut(*call):
        portal.fault(**{fault: 1})
        mover.client.move = move
        return move(*call)

    mover.client.move = cut
