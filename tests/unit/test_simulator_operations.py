"""What a portal remembers of file operations, with a clock that is set forward."""

import pytest

from simulator.portal.model import Operation, OperationType
from simulator.portal.operations import SWEPT_AFTER_S, Operations, progress


@pytest.fixture
def operations():
    return Operations()


def queued(operations, name="one", kind=OperationType.MOVE, **more):
    operation = Operation(name, kind, "u", True, [1, 2], changed=100.0, **more)
    operations.add(operation)
    return operation


@pytest.mark.parametrize("finished", [False, True])
def test_a_record_that_has_not_changed_for_a_minute_is_swept_away(operations, finished):
    queued(operations, finished=finished)
    assert operations.read("u", 100.0 + SWEPT_AFTER_S + 1) == []
    assert operations.all() == []


def test_one_that_goes_on_changing_stays(operations):
    operation = queued(operations)
    operation.changed = 150.0
    assert operations.read("u", 100.0 + SWEPT_AFTER_S + 1) == [operation]


def test_a_move_that_runs_is_told_to_who_asks_for_moves_and_not_for_copies(operations):
    operation = queued(operations)
    assert operations.read("u", 100.0, kind=OperationType.COPY) == []
    assert operations.read("u", 100.0, kind=OperationType.MOVE) == [operation]
    assert operations.read("another", 100.0) == []


def test_all_of_its_items_may_be_done_before_it_has_ended(operations):
    operation = queued(operations)
    assert progress(operation) == 0
    operation.handled = 1
    assert progress(operation) == 50
    operation.handled = 2
    assert (progress(operation), operation.finished) == (100, False)
