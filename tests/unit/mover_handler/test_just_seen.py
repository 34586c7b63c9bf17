"""A file that the classifier saw a moment ago is moved without another look; whatever else is looked at first."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from mover.grouped import _Wanted
from mover.slots import AT_ONCE
from mover.whereabouts import SEEN_S
from shared.docspace.errors import ForbiddenError
from shared.errors import TransientError
from shared.wire.events import EntryId
from shared.wire.outcome import Dead, Forward, Retry, Skip
from tests.unit.mover_handler.world import CREATED, EVENT, FILE, INCOMING, ROOM, World, kind_and_reason


@pytest.fixture
def looks(portal, monkeypatch):
    """How many looks at files came before each move."""
    seen: list[int] = []
    looked: list[EntryId] = []
    file, move = portal.file, portal.move

    def look(file_id):
        looked.append(file_id)
        return file(file_id)

    def moves(*asked):
        seen.append(len(looked))
        return move(*asked)

    monkeypatch.setattr(portal, "file", look)
    monkeypatch.setattr(portal, "move", moves)
    return seen


def seen_ago(world: World, seconds: float, **changes):
    return msgspec.structs.replace(EVENT, movable_at=world.now - seconds, **changes)


def test_it_is_moved_at_once_and_filed_by_the_look_after(world, looks):
    assert isinstance(world.handle(event=seen_ago(world, 1)), Forward)
    assert looks == [0]


@pytest.mark.parametrize(
    ("ago", "changes"),
    [(SEEN_S + 0.1, {}), (-1.0, {}), (1, {"created_at": None}), (1, {"folder_id": None})],
    ids=["long ago", "by a clock that is ahead", "without its time of creation", "nobody knows where"],
)
def test_otherwise_it_is_looked_at_first(world, looks, ago, changes):
    assert isinstance(world.handle(event=seen_ago(world, ago, **changes)), Forward)
    assert looks[0] >= 1


def test_what_was_begun_is_looked_at_however_fresh_its_event_is(world, portal):
    portal.does_it, portal.operations = False, [None]
    assert isinstance(world.handle(event=seen_ago(world, 1)), Retry)
    portal.change(folder_id=ROOM + 1)  # by a person
    assert isinstance(world.handle(event=seen_ago(world, 1)), Dead)
    assert len(portal.moves) == 1


def test_a_lock_of_the_moment_between_is_found_by_the_refusal(world, portal):
    portal.refuses = ForbiddenError("Access denied")
    portal.change(locked=True, locked_by="Ann")
    outcome = world.handle(event=seen_ago(world, 1))
    assert kind_and_reason(outcome) == (Retry, "the file is locked by Ann")
    assert world.noted() is None


def test_what_somebody_filed_in_the_moment_between_is_filed(world, portal):
    portal.arrive()
    portal.refuses = ForbiddenError("Access denied")
    assert isinstance(world.handle(event=seen_ago(world, 1)), Forward)


def test_what_was_uploaded_to_the_destination_is_not_moved(world, portal):
    portal.change(folder_id=INCOMING)
    assert isinstance(world.handle(event=seen_ago(world, 1, folder_id=INCOMING)), Forward)
    assert portal.moves == []


@pytest.fixture
def late(world, monkeypatch):
    """The turn of each move comes ten seconds late; what is put in the list happens meanwhile."""
    meanwhile: list[Callable[[], object]] = []
    begin = world.grouped._slots.begin

    def wait(over):
        world.now += 10
        for happens in meanwhile:
            happens()
        return begin(over)

    monkeypatch.setattr(world.grouped._slots, "begin", wait)
    return meanwhile


LATER = CREATED + timedelta(seconds=5)


def another_file(portal):
    """The invoice was purged, and the next upload has its id."""
    portal.files[FILE] = replace(
        portal.files[FILE], title="Contract.pdf", created_at=CREATED + timedelta(seconds=5)
    )


MEANWHILE = {
    "purged, and its id given to another file": (another_file, Skip, "the file no longer exists"),
    "purged": (lambda portal: portal.files.clear(), Skip, "the file no longer exists"),
    "filed by somebody": (lambda portal: portal.arrive(), Forward, None),
    "locked": (
        lambda portal: portal.change(locked=True, locked_by="Ann"), Retry, "the file is locked by Ann"
    ),
    "moved out of sight": (
        lambda portal: portal.files.update({FILE: ForbiddenError("Access denied", kind="x")}), Skip, "may not see",
    ),
}  # fmt: skip


@pytest.mark.parametrize("seen_by_classifier", [True, False])
@pytest.mark.parametrize("case", MEANWHILE.values(), ids=MEANWHILE.keys())
def test_when_its_turn_comes_late_it_is_looked_at_again(world, portal, late, case, seen_by_classifier):
    happens, kind, reason = case
    late.append(lambda: happens(portal))
    outcome = world.handle(event=seen_ago(world, 1) if seen_by_classifier else EVENT)
    assert isinstance(outcome, kind)
    assert portal.moves == []
    if kind is not Forward:
        assert reason in outcome.reason
        assert world.noted() is None


def test_a_late_turn_of_a_file_that_is_as_it_was_moves_it(world, portal, late):
    late.append(lambda: portal.change(folder_id=ROOM + 1))  # another folder of the room
    assert isinstance(world.handle(event=seen_ago(world, 1)), Forward)
    assert len(portal.moves) == 1


def test_of_a_group_that_is_left_out_whole_each_hears_its_own_reason(world, portal, monkeypatch):
    """And what was on record for it is free again, for as many groups as may be on record and one more."""
    for _ in range(AT_ONCE + 1):
        answers = world.grouped._put(INCOMING, [_left_out(5, "gone"), _left_out(6, "locked")], lambda: None)
        assert [str(why) for why in answers] == ["gone", "locked"]
    assert portal.moves == []


def _left_out(file_id, reason):
    def note():
        raise TransientError(reason)

    return _Wanted(file_id, note)


def test_while_the_portal_works_on_others_the_only_look_waits_for_its_turn(world, late, looks):
    places = [world.grouped._slots.begin(lambda: None) for _ in range(AT_ONCE)]
    late.append(lambda: places and places.pop().end())
    assert isinstance(world.handle(event=EVENT), Forward)
    assert looks == [1]
