"""A bad file, a refused group, an answer that never comes: what becomes of the others in the burst."""

import pytest
import requests

from mover.whereabouts import SEEN_S
from shared.docspace.errors import UnreachableError
from shared.wire.events import EntryId
from shared.wire.outcome import Dead, Forward, Retry, Skip
from simulator.faults import parse
from simulator.portal import seed
from tests.integration.mover_burst.worker import moved, once, uploaded

STATES: dict[str, tuple[dict[str, object], type[Retry | Dead], str]] = {
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


@pytest.mark.parametrize("takes_s", [0.0, 2 * SEEN_S], ids=["at once", "after a second look"])
@pytest.mark.parametrize("state", [*STATES, "deleted"])
def test_one_bad_file_is_refused_alone_and_its_neighbours_are_moved(portal, mover, state, takes_s):
    """Where the portal takes long to refuse a group, its files are looked at again before their part is sent."""
    ids = uploaded(portal, 20)
    bad: list[EntryId] = []

    def before(group):
        mover.later_s += takes_s
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
    bad: list[EntryId] = []

    def after(group):
        if not bad:
            bad.append(group[-1])
            spoil(portal, group[-1], "locked")

    mover.spy.after = after
    outcomes = mover.burst(ids)
    outcome = outcomes.pop(bad[0])
    assert isinstance(outcome, Retry)
    assert "locked by" in outcome.reason
    assert all(isinstance(outcome, Forward) for outcome in outcomes.values())
    assert moved(portal) == once(outcomes)


def test_a_failed_operation_is_quoted_for_each_file_and_each_is_moved_later(portal, mover):
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
    assert len(mover.spy.moves) <= 10  # one for each group that formed, and on a busy machine more of them form


@pytest.mark.parametrize("fault", ["drop_answer", "drop_connection"])
def test_a_group_whose_answer_never_came_is_moved_once(portal, mover, fault):
    ids = uploaded(portal, 20)
    cut: list[EntryId] = []

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


def test_a_portal_that_cannot_be_reached_is_told_to_every_member(mover, portal):
    ids = uploaded(portal, 10)
    mover.spy.folder_page = mover.spy.file = lambda *_, **__: (_ for _ in ()).throw(UnreachableError("refused"))
    assert all(isinstance(outcome, Retry) for outcome in mover.burst(ids).values())
