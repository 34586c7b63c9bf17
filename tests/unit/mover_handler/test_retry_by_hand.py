"""A person sends an event again at the portal: with a new id as today, or with its own, as of payload 1.0.0."""

import pytest

from shared.wire.outcome import Dead, Forward, Skip


@pytest.mark.parametrize("message_id", ["m-1", "m-2"], ids=["its own id", "a new id"])
def test_what_was_skipped_is_filed_when_its_event_is_sent_again(world, portal, message_id):
    portal.change(root_folder_type=3)  # a person deleted the file, and restored it
    assert isinstance(world.handle("m-1"), Skip)
    portal.change(root_folder_type=14)
    assert isinstance(world.handle(message_id), Forward)


def test_a_dead_letter_is_filed_when_its_event_is_sent_again_with_its_own_id(world, portal):
    portal.change(can_move=False)
    assert isinstance(world.handle("m-1"), Dead)
    portal.change(can_move=True)
    assert isinstance(world.handle("m-1"), Forward)


@pytest.mark.parametrize("message_id", ["m-1", "m-2"], ids=["its own id", "a new id"])
def test_what_was_filed_is_not_moved_again(world, portal, message_id):
    world.handle("m-1")
    world.handle(message_id)
    assert len(portal.moves) == 1
