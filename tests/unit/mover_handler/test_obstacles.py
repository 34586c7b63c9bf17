"""What keeps a file from being moved, seen before the move or told by the portal's refusal."""

import msgspec
import pytest

from mover.handler import handle
from shared.docspace.errors import (
    BusyError,
    ForbiddenError,
    NotFoundError,
    PortalFaultError,
    RefusedError,
    UnreachableError,
)
from shared.docspace.model import FolderInfo
from shared.errors import PermanentError, TransientError
from shared.store.ledger import Done, Free
from shared.text.codes import Code
from shared.wire.message import Message
from shared.wire.outcome import Dead, Forward, Retry, Skip
from tests.unit.mover_handler.world import EVENT, FILE, INCOMING, KEY, ROOM, kind_and_reason

# --- what keeps a file from being moved ---


@pytest.mark.parametrize("version", [1, None])
def test_a_file_that_is_gone_is_skipped_and_leaves_no_trace(world, portal, version):
    portal.files.clear()
    outcome = world.handle(event=msgspec.structs.replace(EVENT, version=version))
    assert outcome == Skip("the file no longer exists", Code.GONE)
    assert world.ledger.peek(KEY) == Free()


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"locked": True, "locked_by": "Ben"}, Retry, "locked by Ben"),
        ({"editing": True, "editing_by": "Ann"}, Retry, "Ann has the file open"),
        ({"can_move": False}, Dead, "room manager in room Acme"),
        ({"root_folder_type": 20, "can_move": False}, Retry, "room Acme is archived"),
        ({"root_folder_type": 3}, Skip, "trash"),
        ({"root_folder_type": 3, "folder_id": INCOMING}, Retry, "folder 9, the destination, is in the trash"),
    ],
)
def test_an_obstacle_is_seen_before_the_move_and_the_claim_stays_its_messages(world, portal, changes, kind, words):
    portal.change(**changes)
    found, reason = kind_and_reason(world.handle())
    assert found is kind
    assert words in reason
    assert portal.moves == []
    assert world.ledger.peek(KEY).message == ("" if kind is Skip else "m-1")


@pytest.mark.parametrize(
    "changes",
    [
        {"locked": True, "locked_by": "Ben", "can_move": False},
        {"editing": True, "editing_by": "Ann"},
        {"editing": True},
        {"root_folder_type": 20, "can_move": False},
    ],
)
def test_what_waits_for_a_person_is_looked_at_every_few_minutes(world, portal, changes):
    portal.change(**changes)
    assert world.handle().person


def test_a_lock_of_our_own_is_no_obstacle(world, portal):
    portal.change(locked=True)
    assert isinstance(world.handle(), Forward)


@pytest.mark.parametrize("version", [1, None])
def test_a_file_hidden_in_a_room_that_is_seen_was_deleted(world, portal, version):
    portal.files[FILE] = ForbiddenError("403")
    assert isinstance(world.handle(event=msgspec.structs.replace(EVENT, version=version)), Skip)


def test_a_file_hidden_in_a_hidden_room_names_the_room(world, portal):
    portal.files[FILE] = portal.folders[ROOM] = ForbiddenError("403")
    outcome = world.handle()
    assert outcome.person
    assert "room Acme" in outcome.reason


def test_an_unreadable_event_is_permanent(world):
    message = Message(body=b"{}", type="invoice.detected", message_id="m", correlation_id="c", timestamp=0)
    with pytest.raises(PermanentError, match="file_id"):
        handle(message, world.ports)


# --- a refused move ---


def refused_move(world, portal, **changes):
    """A 403 to the move, with the file changed between the look and the move."""

    def move(_ids, _destination):
        if changes.get("gone"):
            portal.files.clear()
        else:
            portal.change(**changes)
        raise ForbiddenError("the portal answered 403 to PUT files/fileops/move: Access denied")

    portal.move = move
    return world.handle()


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"gone": True}, Skip, "no longer exists"),
        ({"editing": True}, Retry, "open in the editor"),
        ({"locked": True, "locked_by": "Ben", "can_move": False}, Retry, "locked by Ben"),
        ({"root_folder_type": 20, "can_move": False}, Retry, "archived"),
        ({"can_move": False}, Dead, "room manager in room Acme"),
        ({}, Retry, "Access denied"),
    ],
)
def test_a_403_to_the_move_is_explained_by_the_file(world, portal, changes, kind, words):
    found, reason = kind_and_reason(refused_move(world, portal, **changes))
    assert found is kind
    assert words in reason
    assert world.noted() is None


def test_a_403_for_a_file_that_arrived_meanwhile_is_filed(world, portal):
    assert isinstance(refused_move(world, portal, folder_id=INCOMING), Forward)
    assert isinstance(world.ledger.peek(KEY), Done)


@pytest.mark.parametrize(
    ("destination", "kind", "words"),
    [
        (None, Dead, "folder 9, the destination of rule default, does not exist"),
        (ForbiddenError("403"), Retry, "no member of that room, or the folder is in a trash"),
        (FolderInfo(id=9, title="In", can_create=False), Dead, "may not move files to folder 9"),
        (FolderInfo(id=9, title="In", can_move_to=False), Dead, "may not move files to folder 9"),
        (FolderInfo(id=9, title="In", can_create=False, root_folder_type=20), Retry, "archived room"),
        (FolderInfo(id=9, title="In", root_folder_type=3), Retry, "in the trash"),
        (FolderInfo(id=9, title="In", can_create=True, can_move_to=True, room_type=1), Dead, "PDF forms alone"),
    ],
)
def test_a_403_to_the_move_is_explained_by_the_destination(world, portal, destination, kind, words):
    if destination is None:
        del portal.folders[INCOMING]
    else:
        portal.folders[INCOMING] = destination
    found, reason = kind_and_reason(refused_move(world, portal))
    assert found is kind
    assert words in reason


def test_a_404_to_the_move_is_a_missing_destination_only_if_that_is_missing(world, portal):
    portal.refuses = NotFoundError("the portal answered 404")
    assert isinstance(world.handle(), Retry)
    del portal.folders[INCOMING]
    assert "does not exist" in world.handle().reason
    portal.files.clear()
    assert world.handle().code == "gone"


def test_a_destination_that_was_hidden_after_the_move_was_sent_is_no_deleted_file(world, portal):
    portal.breaks = UnreachableError("timeout", maybe_done=True)
    with pytest.raises(TransientError):
        world.handle()
    portal.files[FILE] = portal.folders[INCOMING] = ForbiddenError("403")
    outcome = world.handle()
    assert outcome.person
    assert "folder 9" in outcome.reason


@pytest.mark.parametrize("status", [400, 415])
def test_what_the_portal_declines_is_permanent_in_its_own_words(world, portal, status):
    portal.refuses = RefusedError(f"the portal answered {status}: only PDF forms", status=status)
    with pytest.raises(PermanentError, match="only PDF forms"):
        world.handle()


@pytest.mark.parametrize(
    "error",
    [
        PortalFaultError("the portal refuses our API key"),
        BusyError("429", retry_after_s=7),
        UnreachableError("refused"),
    ],
)
def test_a_move_that_was_surely_not_done_is_sent_again_at_the_next_attempt(world, portal, error):
    portal.refuses = error
    with pytest.raises(TransientError) as caught:
        world.handle()
    assert caught.value.retry_after_s == error.retry_after_s
    portal.refuses = None
    assert isinstance(world.handle(), Forward)
