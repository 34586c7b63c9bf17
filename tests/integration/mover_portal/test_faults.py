"""The portal or the way to it fails while an invoice is filed: it is filed once in the end."""

import pytest

from shared.docspace.errors import BusyError, PortalFaultError, TryLaterError, UnreachableError
from shared.wire.outcome import Forward, Retry
from tests.integration.mover_portal.worker import Mover
from tests.support.waiting import wait_until


def test_a_lost_operation_that_moved_the_file_is_filed(portal, mover):
    portal.fault(operation_lost=True, operation_lost_moves=True)
    assert isinstance(mover.handle(portal.upload()), Forward)


def test_a_slow_lost_operation_that_moved_the_file_is_filed(portal, mover):
    portal.fault(operation_lost=True, operation_lost_moves=True, operation_ms=1200)
    assert isinstance(mover.handle(portal.upload()), Forward)


def test_a_lost_operation_that_moved_nothing_is_tried_again(portal, mover, monkeypatch):
    monkeypatch.setattr("mover.whereabouts.LOST_PATIENCE_S", 1.0)
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
    with pytest.raises(PortalFaultError, match="refuses our API key"):
        stranger.handle(portal.upload())
    stranger.client.close()


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({}, None),  # too many at once: nobody knows when that ends
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
    assert outcome.not_before_s is not None
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


def _cut_the_answer_to_the_move(portal, mover, fault="drop_answer"):
    """The fault takes the next call whatever it is, so it is set right before the move leaves."""
    move = mover.client.move

    def cut(*call):
        portal.fault(**{fault: 1})
        mover.client.move = move
        return move(*call)

    mover.client.move = cut
