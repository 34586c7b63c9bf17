"""A file that the classifier saw a moment ago is moved without another look; whatever else is looked at first."""

import msgspec
import pytest

from mover.proof import SEEN_S
from shared.docspace.errors import ForbiddenError
from shared.outcome import Dead, Forward, Retry
from tests.unit.mover_handler.world import EVENT, INCOMING, ROOM, World, kind_and_reason


@pytest.fixture
def looks(portal, monkeypatch):
    """How many looks at files came before each move."""
    seen, looked = [], []
    file, move = portal.file, portal.move
    monkeypatch.setattr(portal, "file", lambda file_id: (looked.append(file_id), file(file_id))[1])
    monkeypatch.setattr(portal, "move", lambda *asked: (seen.append(len(looked)), move(*asked))[1])
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
