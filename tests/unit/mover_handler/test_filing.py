"""An invoice is moved once, whoever else is at it and however often its message comes."""

import itertools
import sqlite3
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from mover import dead_letters, plan
from shared.docspace.errors import BusyError, UnreachableError
from shared.errors import TransientError
from shared.store.ledger import Done, Ledger
from shared.text.codes import Code
from shared.wire.events import InvoiceFiled
from shared.wire.outcome import Dead, Forward, Retry, Skip
from tests.unit.mover_handler.world import (
    CREATED,
    CREATED_AT,
    EVENT,
    FILE,
    INCOMING,
    KEY,
    ROOM,
    RUNNING,
    kind_and_reason,
)

# --- the ordinary course ---


def test_an_invoice_is_moved_once_and_said_to_be_filed_with_its_link_of_now(world, portal):
    outcome = world.handle()
    assert isinstance(outcome, Forward)
    assert isinstance(outcome.event, InvoiceFiled)
    assert outcome.event.web_url == "https://portal.example/now"
    assert (outcome.event.destination, outcome.event.source_file_id) == (INCOMING, FILE)
    assert portal.moves == [((FILE,), INCOMING)]
    assert isinstance(world.ledger.peek(KEY), Done)


def test_a_file_that_is_already_there_is_filed_without_a_move(world, portal):
    portal.arrive()
    assert isinstance(world.handle(), Forward)
    assert portal.moves == []


def test_a_file_that_is_seen_in_its_place_at_once_is_waited_for_no_longer(world, portal):
    before = world.now
    assert isinstance(world.handle(), Forward)
    assert (portal.polls, world.now) == (0, before)


def test_a_file_is_filed_as_soon_as_it_is_seen_though_the_operation_still_runs(world, portal):
    portal.operations = [RUNNING]
    assert isinstance(world.handle(), Forward)


def test_a_file_that_comes_late_is_looked_for_and_its_operation_asked_about(world, portal):
    arrive_after(portal, looks=20)
    portal.operations = [RUNNING]
    assert isinstance(world.handle(), Forward)
    assert portal.polls > 0


def test_a_failing_question_about_the_operation_does_not_end_the_attempt(world, portal):
    arrive_after(portal, looks=20)
    portal.operations = [UnreachableError("cut", maybe_done=True), BusyError("429"), RUNNING]
    assert isinstance(world.handle(), Forward)


def test_a_look_that_fails_while_the_file_is_waited_for_does_not_end_the_attempt(world, portal):
    arrive_after(portal, looks=3, failing=UnreachableError("cut"))
    assert isinstance(world.handle(), Forward)


def arrive_after(portal, looks, failing=None):
    """The move is carried out when the file has been looked at so often; the looks before the last may fail."""
    portal.does_it = False
    look, count = portal.file, itertools.count(1)

    def file(file_id):
        number = next(count)
        if number == looks:
            portal.arrive()
        elif failing and number > 1:
            raise failing
        return look(file_id)

    portal.file = file


# --- the same invoice again ---


def test_a_message_that_crashed_before_it_could_publish_forwards_the_same_fact(world, portal):
    first = world.handle()
    del portal.files[FILE]
    assert world.handle() == first


def test_a_twin_is_skipped_even_after_the_file_went_on(world, portal):
    world.handle("m-1")
    portal.change(folder_id=77, version=3)
    assert kind_and_reason(world.handle("m-2")) == (Skip, "already filed: 'Invoice 7.pdf' is in folder 9")
    assert len(portal.moves) == 1


def test_an_override_forwards_once_more_without_moving_what_is_in_its_place(world, portal):
    first = world.handle("m-1")
    assert isinstance(world.handle("m-1", override="o-1"), Forward)
    assert world.handle("m-1", override="o-1") == first  # redelivered
    assert isinstance(world.handle("m-2", override="o-1"), Skip)  # a twin that was replayed too
    assert isinstance(world.handle("m-2"), Skip)
    assert len(portal.moves) == 1


def test_an_override_files_again_what_was_taken_out_of_its_folder_since(world, portal):
    world.handle("m-1")
    portal.change(folder_id=ROOM)
    for _ in range(2):
        assert isinstance(world.handle("m-1", override="o-1"), Forward)
    assert len(portal.moves) == 2


def test_an_override_of_what_was_never_filed_is_the_same_work(world, portal):
    assert isinstance(world.handle("m-1", override="o-1"), Forward)
    assert isinstance(world.ledger.peek(KEY), Done)
    assert isinstance(world.handle("m-2"), Skip)
    portal.change(folder_id=ROOM)  # someone takes it out, and the message is delivered again
    assert isinstance(world.handle("m-1", override="o-1"), Forward)
    assert len(portal.moves) == 1


def test_an_override_does_not_race_the_attempt_under_way(world, portal):
    world.ledger.claim(KEY, 50, message="m-1")
    assert world.handle(override="o-1").reason == "another worker is moving this file"
    assert portal.moves == []


def test_an_override_forwards_again_what_has_a_new_id_since_its_move(world, portal):
    result = plan.Result(
        "m-0",
        InvoiceFiled(
            file_id="box-77",
            source_file_id=FILE,
            version=1,
            title="Invoice 7.pdf",
            rule="default",
            destination=INCOMING,
            recipients=("manager@example.org",),
        ),
    )
    world.ledger.complete(KEY, msgspec.json.encode(result).decode())
    del portal.files[FILE]
    assert world.handle("m-1", override="o-1") == Forward(result.filed)


def test_while_another_worker_has_the_message_nothing_is_sent_and_no_age_counts(world, portal):
    world.ledger.claim(KEY, 9, message="m-1")
    outcome = world.handle("m-1")
    assert isinstance(outcome, Retry)
    assert (outcome.ages, outcome.untried) == (False, True)
    assert portal.moves == []


@pytest.mark.parametrize("lease_s", [50, 0])
def test_a_second_message_of_an_upload_ends_at_once_and_the_first_works_on(world, portal, lease_s):
    world.ledger.claim(KEY, lease_s, message="m-1")  # in hand, or waiting for its next try
    assert world.handle("m-2") == Skip(
        "another message of the same upload (m-1) is at work on it", code=Code.SAME_UPLOAD
    )
    assert portal.moves == []


def test_the_message_that_waits_goes_on_where_its_twin_has_ended(world, portal):
    portal.change(locked=True, locked_by="Ben")
    assert isinstance(world.handle("m-1"), Retry)
    assert world.handle("m-2").code == "same-upload"
    portal.change(locked=False, locked_by=None)
    assert isinstance(world.handle("m-1"), Forward)
    assert len(portal.moves) == 1


def test_a_dead_letter_stands_for_its_upload(world, portal):
    portal.change(can_move=False)
    assert isinstance(world.handle("m-1"), Dead)
    assert world.handle("m-2").code == "same-upload"
    portal.change(can_move=True)
    assert isinstance(world.handle("m-1"), Forward)  # replayed


def test_a_message_that_comes_after_a_dead_letter_goes_on_as_a_retry_by_hand_does(world, portal):
    portal.change(can_move=False)
    world.settle("m-1")
    portal.change(can_move=True)
    together = world.now + dead_letters.TOGETHER_S
    assert world.handle("m-2", timestamp=together).code == "same-upload"  # the other event
    assert isinstance(world.handle("m-3", timestamp=together + 1), Forward)
    assert world.handle("m-1").code == "already-filed"  # the dead letter replayed
    assert len(portal.moves) == 1


def test_a_later_message_leaves_what_is_a_dead_letter_no_more_to_who_is_at_it(world, portal):
    portal.change(can_move=False)
    world.settle("m-1")
    world.ledger.claim(KEY, 50, message="m-1")  # replayed, and in hand
    assert world.handle("m-2", timestamp=world.now + 3600).code == "same-upload"


def test_a_message_on_the_ladder_is_no_dead_letter_however_old_it_is(world, portal):
    portal.change(locked=True, locked_by="Ben")
    world.settle("m-1")
    assert world.handle("m-2", timestamp=world.now + 86_400).code == "same-upload"


def test_what_ended_as_a_skip_is_nobodys_and_the_next_message_looks_for_itself(world, portal):
    portal.change(root_folder_type=3)
    assert world.handle("m-1").code == "deleted"
    portal.change(root_folder_type=14)
    assert isinstance(world.handle("m-2"), Forward)


def test_a_swept_message_leaves_what_a_worker_is_at(world, portal):
    world.ledger.claim(KEY, 50, message="m-1")
    assert world.handle("s-1", swept="9").code == "same-upload"
    assert portal.moves == []


def test_a_swept_message_goes_on_with_what_another_message_left(world, portal):
    portal.change(locked=True, locked_by="Ben")
    assert isinstance(world.handle("m-1"), Retry)
    portal.change(locked=False, locked_by=None)
    assert isinstance(world.handle("s-1", swept="9"), Forward)
    assert isinstance(world.handle("m-1"), Skip)  # it was not gone after all
    assert len(portal.moves) == 1


# --- which file ---


def test_an_id_that_the_portal_gave_to_the_next_upload_is_another_invoice(world, portal):
    world.handle("m-1")
    later = replace(portal.files.pop(FILE), created_at=CREATED + timedelta(minutes=3), folder_id=ROOM)
    portal.files[FILE] = replace(later, title="Invoice two.pdf")
    event = msgspec.structs.replace(EVENT, created_at="2026-11-29T20:38:12.163054Z", title="Invoice two.pdf")
    outcome = world.handle("m-2", event=event)
    assert isinstance(outcome, Forward)
    assert isinstance(outcome.event, InvoiceFiled)
    assert outcome.event.title == "Invoice two.pdf"
    assert len(portal.moves) == 2


@pytest.mark.parametrize("told", ["created_at", "created_on", "uploaded_at"])
def test_an_event_about_a_file_whose_id_is_anothers_by_now_is_skipped_as_gone(world, portal, told):
    portal.change(created_at=CREATED + timedelta(seconds=30))
    event = msgspec.structs.replace(EVENT, created_at=None)
    event = msgspec.structs.replace(event, **{told: CREATED_AT})
    assert world.handle(event=event).code == "gone"
    assert portal.moves == []


@pytest.mark.parametrize("told", ["2026-11-29T20:35:12Z", "2026-11-29T20:35:13Z", "2026-11-29T20:35:12.163054Z"])
def test_a_webhook_that_tells_whole_seconds_is_about_the_file_of_that_second(world, portal, told):
    event = msgspec.structs.replace(EVENT, created_at=None, created_on=told)
    assert isinstance(world.handle(event=event), Forward)
    assert isinstance(world.ledger.peek(KEY), Done)


def test_a_file_whose_time_of_creation_the_portal_does_not_say_waits(world, portal):
    portal.change(created_at=None)
    event = msgspec.structs.replace(EVENT, created_at=None)
    assert isinstance(world.handle(event=event), Retry)
    assert portal.moves == []


def test_a_file_purged_after_its_move_is_not_the_next_upload_of_its_id(world, portal):
    portal.operations = [RUNNING]
    portal.does_it = False
    assert isinstance(world.handle("m-1"), Retry)
    portal.change(created_at=CREATED + timedelta(seconds=30), folder_id=INCOMING)
    assert world.handle("m-1").code == "gone"


def test_after_a_lost_lease_the_file_is_looked_for_before_anything_is_sent(world, portal):
    world.ledger.claim(KEY, 0)  # its holder died
    portal.arrive()
    assert isinstance(world.handle(), Forward)
    assert portal.moves == []


def test_without_a_version_in_the_event_the_portals_counts(world, portal):
    portal.change(version=4)
    assert isinstance(world.handle(event=msgspec.structs.replace(EVENT, version=None)), Forward)
    assert isinstance(world.ledger.peek(f"move:default:{FILE}:4:{CREATED_AT}"), Done)


def test_under_a_claim_that_was_lost_meanwhile_no_move_is_sent(world, portal):
    look = portal.file

    def slow(file_id):
        with sqlite3.connect(world.url.removeprefix("sqlite:///")) as rows:  # a lease ran out, and another won
            rows.execute("UPDATE ledger SET token = 'another'")
        return look(file_id)

    portal.file = slow
    assert "another worker may have taken the file over" in world.handle().reason
    assert portal.moves == []


def test_an_unreachable_ledger_is_transient_and_nothing_is_moved(world, portal, tmp_path):
    (tmp_path / "file").write_text("")
    world.ledger = Ledger(f"sqlite:///{tmp_path}/file/ledger.db", owner="x")
    with pytest.raises(TransientError, match="ledger"):
        world.handle()
    assert portal.moves == []
