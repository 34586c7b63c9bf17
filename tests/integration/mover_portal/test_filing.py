"""An invoice is filed once, or what keeps it from being filed is said."""

import threading
from concurrent.futures import ThreadPoolExecutor

import msgspec
import requests

from mover.handler import handle
from shared.docspace.model import entry_time
from shared.store.ledger import Done, Ledger
from shared.text.codes import Code
from shared.wire.events import InvoiceDetected, InvoiceFiled
from shared.wire.message import Message
from shared.wire.outcome import Dead, Forward, Retry, Skip
from simulator.portal import seed
from tests.integration.mover_portal.worker import TITLE, Mover
from tests.support.waiting import wait_until


def test_an_invoice_is_filed_once_with_a_link(portal, mover):
    file_id = portal.upload()
    outcome = mover.handle(file_id)
    assert isinstance(outcome, Forward)
    filed = outcome.event
    assert isinstance(filed, InvoiceFiled)
    assert (filed.file_id, filed.title, filed.uploaded_by) == (file_id, TITLE, seed.CLIENT.display_name)
    assert filed.uploaded_by_email == seed.CLIENT.email
    assert str(file_id) in (filed.web_url or "")
    assert [(move["file_id"], move["to"]) for move in portal.moves()] == [(file_id, seed.INCOMING)]


def test_a_second_file_of_the_same_title_is_filed_beside_the_first(portal, mover):
    first, second = portal.upload(), portal.upload(folder=seed.OTHER_CLIENT_ROOM)
    assert mover.handle(first, "m-1").event.namesakes == ()
    assert mover.handle(second, "m-2").event.namesakes == (first,)
    assert {file["id"] for file in portal.files_in(seed.INCOMING)} == {first, second}


def test_a_file_that_was_renamed_since_its_upload_is_filed_by_its_title_of_now(portal, mover):
    file_id = portal.upload()
    portal.rename(file_id, "Invoice corrected.pdf")
    assert mover.handle(file_id).event.title == "Invoice corrected.pdf"


def test_a_file_renamed_during_its_move_is_filed_by_its_new_title(portal, mover):
    file_id = portal.upload()
    move = mover.client.move

    def renamed_meanwhile(file_ids, destination):
        operation = move(file_ids, destination)
        portal.rename(file_id, "Invoice corrected.pdf")
        return operation

    mover.client.move = renamed_meanwhile
    assert mover.handle(file_id).event.title == "Invoice corrected.pdf"


def test_the_title_that_third_party_storage_gives_instead_of_a_taken_one_is_told(portal, mover):
    portal.upload(folder=seed.DROPBOX_ROOM)
    filed = mover.handle(portal.upload(), destination=seed.DROPBOX_ROOM).event
    assert filed.title == TITLE.replace(".pdf", " (1).pdf")
    assert [file["id"] for file in portal.files_in(seed.DROPBOX_ROOM) if file["title"] == filed.title] == [
        filed.file_id
    ]


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
    created = entry_time(mover.client.file(file_id).created_at)
    assert isinstance(ledger.peek(f"move:default:{file_id}:1:{created}"), Done)


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
    assert f"folder {seed.ROOMS}, the destination of rule default, is a section" in outcome.reason


def test_a_file_that_is_gone_is_skipped(portal, mover):
    file_id = portal.upload()
    portal.set_file(file_id, deleted=True)
    assert mover.handle(file_id) == Skip("the file no longer exists", Code.GONE)


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
