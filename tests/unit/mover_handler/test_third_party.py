"""Third-party storage: the next file of a name gets the old one's id, and a move gives a file another id."""

from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from mover import plan, third_party
from shared.docspace.errors import ForbiddenError, UnreachableError
from shared.errors import TransientError
from shared.text.codes import Code
from shared.wire.outcome import Dead, Forward, Retry, Skip
from tests.unit.mover_handler.world import DONE, EVENT, FILE, INCOMING, ROOM

LATER = datetime(2026, 7, 2, 9, 14, 39, tzinfo=UTC)
REMOTE = "sbox-12-|Invoice 7.pdf"
REMOTE_EVENT = msgspec.structs.replace(
    EVENT, file_id=REMOTE, folder_id="sbox-12", uploaded_at="2026-07-02T09:14:31Z"
)


@pytest.fixture
def remote(world, portal):
    """The file lies in third-party storage, and an older one of its title in the destination."""
    file = portal.files.pop(FILE)
    portal.files[600] = replace(file, id=600, folder_id=INCOMING)
    portal.files[REMOTE] = replace(file, id=REMOTE, folder_id="sbox-12")

    def arrive():
        portal.files[700] = replace(portal.files.pop(REMOTE), id=700, folder_id=INCOMING)

    portal.arrive = arrive
    return lambda **changes: world.handle(event=msgspec.structs.replace(REMOTE_EVENT, **changes))


@pytest.mark.parametrize(
    ("file_id", "destination", "changes"),
    [(5, 9, False), ("5", "9", False), ("sbox-1-|a", 9, True), (5, "s-9", True), ("sbox-1-|a", "s-9", True)],
)
def test_ids_change_only_across_third_party_storage(file_id, destination, changes):
    event = msgspec.structs.replace(EVENT, file_id=file_id, destination=destination)
    assert third_party.changes_id(event) is changes


def test_the_operation_tells_the_new_id(portal, remote):
    portal.operations = [replace(DONE, files=(700,))]
    event = remote().event
    assert (event.file_id, event.source_file_id) == (700, REMOTE)


def test_a_file_moved_into_third_party_storage_is_followed_to_its_new_id(world, portal):
    new = "sbox-9-|Invoice 7.pdf"
    portal.operations = [replace(DONE, files=(new,))]
    portal.arrive = lambda: portal.files.update({new: replace(portal.files.pop(FILE), id=new, folder_id="sbox-9")})
    event = msgspec.structs.replace(EVENT, destination="sbox-9")
    first = world.handle(event=event)
    assert (first.event.file_id, first.event.source_file_id) == (new, FILE)
    assert world.handle(event=event) == first
    assert world.handle(event=event, override="o-1") == first
    assert len(portal.moves) == 1


def test_a_repeat_of_an_event_without_a_version_still_finds_what_was_filed(portal, remote):
    """The classifier knew no version, as the portal was down; the move was done, and the message came again."""
    first = remote(version=None)
    assert isinstance(first, Forward)
    assert remote(version=None) == first
    assert len(portal.moves) == 1


def test_an_event_with_and_its_twin_without_a_version_are_one_move(portal, remote):
    remote(version=1)
    assert isinstance(remote(version=None), Forward)  # the same message id
    assert len(portal.moves) == 1


@pytest.fixture
def two(world, portal, remote):
    """A second upload of that name, in the same second, is there as soon as the first one's move has ended."""
    portal.operations = [replace(DONE, files=(700,)), replace(DONE, files=(701,))]
    first = portal.files[REMOTE]
    new_ids = iter((700, 701))

    def arrive():
        new_id = next(new_ids)
        portal.files[new_id] = replace(portal.files.pop(REMOTE), id=new_id, folder_id=INCOMING)
        if new_id == 700:
            portal.files[REMOTE] = first

    portal.arrive = arrive
    return lambda message_id: world.handle(message_id, event=REMOTE_EVENT)


def test_two_uploads_of_one_name_and_second_are_each_filed(portal, two):
    assert [two("first").event.file_id, two("second").event.file_id] == [700, 701]
    assert len(portal.moves) == 2


def test_their_repeats_and_twins_move_nothing_more(portal, two):
    first, second = two("first"), two("second")
    assert (two("first"), two("second")) == (first, second)
    assert isinstance(two("twin"), Skip)
    assert len(portal.moves) == 2


def test_the_second_is_found_again_after_a_crash_before_it_was_recorded(portal, two, world):
    two("first")
    complete, world.ledger.complete = world.ledger.complete, None
    with pytest.raises(TypeError):
        two("second")
    world.ledger.complete = complete
    assert isinstance(two("second"), Forward | Retry)
    world.now += plan.SETTLE_S
    assert two("second").event.file_id == 701
    assert len(portal.moves) == 2


def test_where_the_end_of_the_move_was_not_told_a_file_of_the_old_id_is_left_alone(portal, remote, world):
    """It may be the same one still, on its way."""
    portal.operations = [None]
    file = portal.files[REMOTE]
    assert isinstance(remote(), Forward)
    portal.files[REMOTE] = file
    assert isinstance(world.handle("m-2", event=REMOTE_EVENT), Skip)
    assert len(portal.moves) == 1


def test_a_file_that_another_upload_became_is_not_taken_for_it(portal, remote, world):
    """The first was moved and its worker died; the next of that name was filed; then the first came again."""
    arrive = portal.arrive
    portal.operations, portal.breaks = [None], UnreachableError("timeout", maybe_done=True)
    file = portal.files[REMOTE]
    with pytest.raises(TransientError):
        remote()
    portal.breaks = None
    portal.files[REMOTE] = file

    def arrive_too():
        arrive()
        portal.files[701] = replace(portal.files.pop(700), id=701)
        portal.files[700] = replace(file, id=700, folder_id=INCOMING)

    del portal.files[700]  # not listed yet when the second looks for namesakes
    portal.arrive = arrive_too
    later = msgspec.structs.replace(REMOTE_EVENT, uploaded_at="2026-07-02T09:14:39Z")
    portal.operations = [replace(DONE, files=(701,))]
    assert world.handle("m-2", event=later).event.file_id == 701
    portal.files[701] = portal.files.pop(701)  # the last changed
    assert remote().event.file_id == 700
    assert len(portal.moves) == 2


def test_a_new_upload_of_the_old_id_is_not_moved_for_one_that_arrived(portal, remote, world):
    """The first was moved and nobody heard of it; before it was tried again, the next of that name had come."""
    portal.breaks = UnreachableError("timeout", maybe_done=True)
    next_upload = replace(portal.files[REMOTE], modified_at=LATER)
    with pytest.raises(TransientError):
        remote()
    portal.breaks, portal.operations = None, [replace(DONE, files=(701,))]
    portal.files[REMOTE] = next_upload
    world.now += plan.SETTLE_S
    assert remote().event.file_id == 700
    portal.arrive = lambda: portal.files.update(
        {701: replace(portal.files.pop(REMOTE), id=701, folder_id=INCOMING)}
    )
    later = msgspec.structs.replace(REMOTE_EVENT, uploaded_at="2026-07-02T09:14:39Z")
    assert world.handle("m-2", event=later).event.file_id == 701
    assert len(portal.moves) == 2


@pytest.mark.parametrize("next_came", [False, True])
def test_a_namesake_out_of_own_storage_is_not_taken_for_it(portal, remote, world, next_came):
    """The move was not done. Meanwhile another room's invoice of that title was filed."""
    portal.breaks, portal.does_it = UnreachableError("timeout", maybe_done=True), False
    with pytest.raises(TransientError):
        remote()
    portal.breaks, portal.does_it, arrive = None, True, portal.arrive
    portal.files[800] = replace(portal.files[600], id=800, folder_id=ROOM)
    portal.arrive = lambda: portal.files.update({800: replace(portal.files[800], folder_id=INCOMING)})
    assert isinstance(world.handle("m-8", event=msgspec.structs.replace(EVENT, file_id=800)), Forward)
    portal.arrive, portal.operations = arrive, [replace(DONE, files=(700,))]
    if next_came:  # a version of it, as it had not been moved
        portal.files[REMOTE] = replace(portal.files[REMOTE], modified_at=LATER)
    world.now += plan.SETTLE_S
    assert remote().event.file_id == 700


def test_a_file_that_somebody_put_there_is_not_taken_for_it(portal, remote, world):
    portal.breaks, portal.does_it = UnreachableError("timeout", maybe_done=True), False
    with pytest.raises(TransientError):
        remote()
    portal.breaks, portal.does_it, portal.operations = None, True, [replace(DONE, files=(700,))]
    portal.files[801] = replace(portal.files[600], id=801)
    world.now += plan.SETTLE_S
    assert remote().event.file_id == 700


def test_a_file_with_the_id_of_a_purged_arrival_is_one_of_its_own(portal, remote, world):
    portal.operations = [replace(DONE, files=(700,))]
    first = replace(portal.files[REMOTE])
    assert remote().event.file_id == 700
    del portal.files[700]
    portal.files[REMOTE] = first
    portal.arrive = lambda: portal.files.update(
        {700: replace(portal.files.pop(REMOTE), id=700, folder_id=INCOMING, created_at=LATER)}
    )
    portal.operations = [None]
    later = msgspec.structs.replace(REMOTE_EVENT, uploaded_at="2026-07-02T09:14:39Z")
    assert world.handle("m-2", event=later).event.file_id == 700


def test_one_that_was_moved_late_is_found_though_the_second_move_is_refused(portal, remote, world):
    """The first had no answer, and is carried out after the look, right before the second comes."""
    portal.breaks, portal.does_it = UnreachableError("timeout", maybe_done=True), False
    with pytest.raises(TransientError):
        remote()

    def both_at_once(_ids, _destination):
        portal.arrive()
        raise ForbiddenError("You don't have enough permission to perform the operation")

    portal.move = both_at_once
    world.now += plan.SETTLE_S
    assert remote().event.file_id == 700


def test_of_two_that_arrived_the_older_one_is_taken_first(portal, remote, world):
    """The later one may know the older as a namesake, and would be left with none."""
    portal.operations, portal.breaks = [None], UnreachableError("timeout", maybe_done=True)
    file = portal.files[REMOTE]
    with pytest.raises(TransientError):
        remote()
    portal.files[REMOTE] = replace(file)
    portal.arrive = lambda: portal.files.update(
        {701: replace(portal.files.pop(REMOTE), id=701, folder_id=INCOMING)}
    )
    later = msgspec.structs.replace(REMOTE_EVENT, uploaded_at="2026-07-02T09:14:39Z")
    with pytest.raises(TransientError):
        world.handle("m-2", event=later)
    portal.breaks = None
    assert remote().event.file_id == 700
    assert world.handle("m-2", event=later).event.file_id == 701


def test_two_versions_that_arrived_as_one_file_are_both_filed(portal, remote, world):
    """The first one's move was refused in doubt, the next version's was done: the file is in its place for both."""
    portal.breaks, portal.does_it = UnreachableError("timeout", maybe_done=True), False
    with pytest.raises(TransientError):
        remote()
    portal.breaks, portal.does_it, portal.operations = None, True, [replace(DONE, files=(700,))]
    later = msgspec.structs.replace(REMOTE_EVENT, uploaded_at="2026-07-02T09:14:39Z")
    assert world.handle("m-2", event=later).event.file_id == 700
    assert isinstance(remote(), Retry)
    world.now += plan.SETTLE_S
    assert remote().event.file_id == 700
    assert len(portal.moves) == 2


def test_a_lost_operation_leads_to_the_file_by_its_title(portal, remote):
    portal.operations = [None]
    assert remote().event.file_id == 700


def test_a_move_without_an_answer_leads_to_the_file_by_its_title(portal, remote):
    portal.breaks = UnreachableError("timeout", maybe_done=True)
    with pytest.raises(TransientError):
        remote()
    assert remote().event.file_id == 700
    assert len(portal.moves) == 1


def test_a_lost_move_bars_a_second_one_which_would_copy_for_a_minute(world, portal, remote):
    """Within one storage a second move would find the file in its place, and is sent at once."""
    portal.operations, portal.does_it = [None], False
    assert isinstance(remote(), Retry)
    outcome = remote()
    assert isinstance(outcome, Retry)
    assert "lost the move operation: it may still happen" in outcome.reason
    world.now += plan.SETTLE_S
    portal.operations, portal.does_it = [None, replace(DONE, files=(700,))], True
    assert remote().event.file_id == 700
    assert len(portal.moves) == 2


def test_an_older_file_of_the_same_title_is_not_taken_for_it(world, portal, remote):
    portal.breaks, portal.does_it = UnreachableError("timeout", maybe_done=True), False
    with pytest.raises(TransientError):
        remote()
    del portal.files[REMOTE]
    assert isinstance(remote(), Retry)
    world.now += 60
    assert isinstance(remote(), Dead)


def test_a_remote_file_that_is_gone_without_a_move_is_skipped(portal, remote):
    del portal.files[REMOTE]
    assert remote() == Skip("the file no longer exists", Code.GONE)
