"""An invoice is moved once, whoever else is at it and however often its message comes."""

import msgspec
import pytest

from mover import plan
from shared.docspace.errors import BusyError, UnreachableError
from shared.errors import TransientError
from shared.events import InvoiceFiled
from shared.ledger import Done, Ledger
from shared.outcome import Forward, Retry, Skip
from tests.unit.mover_handler.world import DONE, EVENT, FILE, INCOMING, KEY, ROOM, RUNNING, kind_and_reason

# --- the ordinary course ---


def test_an_invoice_is_moved_once_and_said_to_be_filed_with_its_link_of_now(world, portal):
    outcome = world.handle()
    assert isinstance(outcome, Forward)
    assert outcome.event.web_url == "https://portal.example/now"
    assert (outcome.event.destination, outcome.event.source_file_id) == (INCOMING, FILE)
    assert portal.moves == [((FILE,), INCOMING)]
    assert isinstance(world.ledger.peek(KEY), Done)


def test_a_file_that_is_already_there_is_filed_without_a_move(world, portal):
    portal.arrive()
    assert isinstance(world.handle(), Forward)
    assert portal.moves == []


def test_a_move_that_has_ended_when_first_asked_about_is_not_waited_for(world, portal):
    before = world.now
    assert isinstance(world.handle(), Forward)
    assert (portal.polls, world.now) == (1, before)


def test_a_running_operation_is_followed_to_its_end(world, portal):
    portal.operations = [RUNNING, RUNNING, DONE]
    assert isinstance(world.handle(), Forward)
    assert portal.polls == 3


def test_a_failing_question_about_the_operation_does_not_end_the_attempt(world, portal):
    portal.operations = [UnreachableError("cut", maybe_done=True), BusyError("429"), DONE]
    assert isinstance(world.handle(), Forward)


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
    world.ledger.claim(KEY, 50)
    assert world.handle(override="o-1") == Retry("another worker is moving this file")
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


def test_while_another_worker_holds_the_claim_nothing_is_sent(world, portal):
    world.ledger.claim(KEY, 50)
    assert world.handle() == Retry("another worker is moving this file")
    assert portal.moves == []


def test_after_a_lost_lease_the_file_is_looked_for_before_anything_is_sent(world, portal):
    world.ledger.claim(KEY, 0)  # its holder died
    portal.arrive()
    assert isinstance(world.handle(), Forward)
    assert portal.moves == []


def test_without_a_version_in_the_event_the_portals_counts(world, portal):
    portal.change(version=4)
    assert isinstance(world.handle(event=msgspec.structs.replace(EVENT, version=None)), Forward)
    assert isinstance(world.ledger.peek(f"move:portal.example:{FILE}:4"), Done)


def test_under_a_claim_that_is_half_over_no_move_is_sent(world, portal):
    look = portal.file

    def slow(file_id):
        world.now += 61
        return look(file_id)

    portal.file = slow
    assert "took too long" in world.handle().reason
    assert portal.moves == []


def test_an_unreachable_ledger_is_transient_and_nothing_is_moved(world, portal, tmp_path):
    (tmp_path / "file").write_text("")
    world.ledger = Ledger(f"sqlite:///{tmp_path}/file/ledger.db", owner="x")
    with pytest.raises(TransientError, match="ledger"):
        world.handle()
    assert portal.moves == []
