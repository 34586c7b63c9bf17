"""What goes to the portal together, and what goes alone."""

import time
from collections import Counter

from mover.grouped import FILES_A_MOVE
from shared.docspace.limits import MOVERS_READ, MOVERS_WRITE
from shared.runtime.ladder import Ladder
from shared.runtime.settle import Settler
from shared.wire.message import Message
from shared.wire.outcome import Forward, Retry
from simulator.faults import parse
from simulator.portal import seed
from tests.integration.mover_burst.worker import LATENCY_MS, moved, once, uploaded


def test_a_burst_is_few_calls_within_the_portals_limits_and_each_file_is_moved_once(portal, mover):
    ids = uploaded(portal, 200)
    outcomes = mover.burst(ids)
    calls = portal.calls.as_json()
    assert all(isinstance(outcome, Forward) for outcome in outcomes.values())
    assert [outcomes[file_id].event.file_id for file_id in ids] == ids
    assert moved(portal) == once(ids)
    assert calls["writes"]["total"] <= 0.1 * len(ids)
    # alone, each would be looked at before its move and after it; how many looks a group needs depends on the load
    assert calls["reads"]["total"] <= len(ids)
    assert calls["writes"]["most_at_once"] <= MOVERS_WRITE.each
    assert calls["reads"]["most_at_once"] <= MOVERS_READ.each
    assert max(map(len, mover.spy.moves)) <= FILES_A_MOVE


def test_a_burst_at_the_old_end_of_a_full_folder_is_few_calls_too(portal, mover):
    stays = uploaded(portal, 150)
    ids = uploaded(portal, 60)
    uploaded(portal, 240)
    outcomes = mover.burst(ids)
    assert all(isinstance(outcome, Forward) for outcome in outcomes.values())
    assert portal.calls.as_json()["reads"]["total"] < 2 * len(ids)
    assert not moved(portal).keys() & set(stays)


def test_one_asks_after_an_operation_and_all_its_files_are_told(portal, mover):
    ids = uploaded(portal, 40)
    assert all(isinstance(outcome, Forward) for outcome in mover.burst(ids).values())
    operations = {move.operation_id for move in portal.portal.moves}
    assert max(Counter(mover.spy.polls).values()) <= 3
    assert set(mover.spy.polls) <= operations


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


def test_what_a_rate_limit_sends_back_time_and_again_goes_together_all_the_same(portal, mover):
    ids = uploaded(portal, 30)
    attempts = dict.fromkeys(ids, 1)
    busy = {"code": 429, "method": "PUT", "path_contains": "fileops/move", "retry_after": 1, "times": 99}
    for _ in range(3):
        portal.faults.put(parse({"status": [busy]}))
        for file_id, outcome in mover.burst(ids, attempt=attempts[ids[0]]).items():
            attempts[file_id] = next_attempt(attempts[file_id], outcome)
        portal.faults.clear()
        time.sleep(1.1)  # the wait that the portal asked for
    mover.spy.moves.clear()
    assert all(
        isinstance(outcome, Forward) for outcome in mover.burst(ids, attempt=max(attempts.values())).values()
    )
    assert len(mover.spy.moves) <= 10


def next_attempt(attempt, outcome):
    assert isinstance(outcome, Retry)
    message = Message(body=b"", type="t", message_id="m", correlation_id="c", timestamp=0, attempt=attempt)
    return (
        Settler("mover", Ladder((5,), 60), app_id="mover").settle(message, outcome, 0.0).publication.message.attempt
    )


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
