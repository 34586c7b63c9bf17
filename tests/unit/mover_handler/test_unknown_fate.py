"""A move whose answer or whose end is not known is found done, or sent again when that is safe."""

from dataclasses import replace

import pytest

from shared.docspace.errors import TryLaterError, UnreachableError
from shared.errors import TransientError
from shared.runtime import crash_points
from shared.runtime.crash_points import CrashPoint
from shared.store.ledger import Done
from shared.wire.outcome import Forward, Retry
from tests.unit.mover_handler.world import DONE, KEY, RUNNING, kind_and_reason


@pytest.mark.parametrize(
    "error", [UnreachableError("timeout", maybe_done=True), TryLaterError("500", status=500, maybe_done=True)]
)
def test_a_move_without_an_answer_that_was_done_is_found_at_the_next_attempt(world, portal, error):
    portal.breaks = error
    with pytest.raises(TransientError):
        world.handle()
    assert isinstance(world.handle(), Forward)
    assert len(portal.moves) == 1


def test_a_move_without_an_answer_is_not_sent_again_for_a_minute(world, portal):
    portal.breaks, portal.does_it = UnreachableError("timeout", maybe_done=True), False
    with pytest.raises(TransientError):
        world.handle()
    world.now += 20
    assert world.handle().not_before_s == 40
    assert len(portal.moves) == 1
    world.now += 41
    portal.breaks, portal.does_it = None, True
    assert isinstance(world.handle(), Forward)
    assert len(portal.moves) == 2


def test_a_crash_right_after_the_move_leads_to_no_second_one(world, portal):
    class Crash(BaseException):
        pass

    portal.breaks, portal.does_it = Crash(), False
    with pytest.raises(Crash):
        world.handle()
    portal.breaks = None
    assert isinstance(world.handle(), Retry)
    assert len(portal.moves) == 1


def test_an_operation_of_an_earlier_attempt_is_asked_about_first(world, portal):
    portal.operations, portal.does_it = [RUNNING], False
    assert kind_and_reason(world.handle()) == (Retry, "the portal is still moving the file (40 %)")
    assert world.noted()["operation_id"] == "op-1"
    portal.operations = [RUNNING, DONE]
    portal.arrive()
    assert isinstance(world.handle(), Forward)
    assert len(portal.moves) == 1


def test_an_operation_is_noted_before_it_is_waited_for(world, monkeypatch):
    class Crash(BaseException):
        pass

    def crash(point):
        if point is CrashPoint.MOVE_ID_NOTED:
            raise Crash

    monkeypatch.setattr(crash_points, "hook", crash)
    with pytest.raises(Crash):
        world.handle()
    assert world.noted()["operation_id"] == "op-1"


def test_a_move_still_under_way_at_the_next_attempt_is_waited_for_again(world, portal):
    portal.operations, portal.does_it = [RUNNING], False
    world.handle()
    assert "still moving" in world.handle().reason
    assert len(portal.moves) == 1


def test_an_earlier_operation_that_failed_is_sent_again(world, portal):
    portal.operations, portal.does_it = [replace(DONE, error="Quota exceeded")], False
    assert kind_and_reason(world.handle()) == (Retry, "the portal could not move the file: Quota exceeded")
    portal.operations, portal.does_it = [None, DONE], True
    assert isinstance(world.handle(), Forward)
    assert len(portal.moves) == 2


def test_done_without_an_error_is_not_believed(world, portal):
    portal.does_it = False
    portal.operations = [replace(DONE, processed="0", files=())]
    assert kind_and_reason(world.handle()) == (Retry, "the portal said done, but the file is not in folder 9")
    assert not isinstance(world.ledger.peek(KEY), Done)


def test_a_lost_operation_whose_file_arrives_is_filed(world, portal):
    portal.operations = [None]
    assert isinstance(world.handle(), Forward)


def test_a_lost_operation_is_filed_in_the_same_attempt_if_its_file_arrives(world, portal):
    portal.operations, portal.does_it = [None], False
    looks = []
    look = portal.file

    def file(file_id):
        looks.append(file_id)
        if len(looks) == 4:
            portal.arrive()
        return look(file_id)

    portal.file = file
    assert isinstance(world.handle(), Forward)


def test_a_lost_operation_whose_file_stays_is_tried_again(world, portal):
    portal.operations, portal.does_it = [None], False
    assert "lost the move operation" in world.handle().reason


def test_stopping_leaves_the_operation_for_the_next_worker(world, portal):
    portal.operations, portal.does_it, world.stopping = [RUNNING], False, True
    assert "stopping" in world.handle().reason
    portal.operations, world.stopping = [DONE], False
    portal.arrive()
    assert isinstance(world.handle(), Forward)
    assert len(portal.moves) == 1


def test_a_file_that_a_person_moved_on_after_our_move_is_left_there(world, portal):
    portal.operations = [RUNNING]
    portal.does_it = False
    world.handle()
    portal.operations = [None]
    portal.change(folder_id=77)
    assert "in folder 77" in world.handle().reason
    assert len(portal.moves) == 1
