"""That a file of the same name lies in the destination is said where it was seen, and costs no listing."""

from dataclasses import replace

import msgspec
import pytest

from mover.namesakes import KEPT_OF_A_TITLE, SEEN_S, Seen
from shared.docspace.errors import UnreachableError
from shared.docspace.model import FileInfo
from shared.wire.events import InvoiceFiled
from shared.wire.outcome import Forward
from tests.unit.mover_handler.test_third_party import remote  # noqa: F401 - a fixture
from tests.unit.mover_handler.world import EVENT, FILE, INCOMING, ROOM

EARLIER = 4


@pytest.fixture
def looks(portal):
    """The ids that were looked at."""
    looked_at: list[object] = []
    file = portal.file

    def look(file_id):
        looked_at.append(file_id)
        return file(file_id)

    portal.file = look
    return looked_at


@pytest.fixture
def earlier(world, portal, looks):
    """We filed a file of that title before; it still lies there."""
    later = portal.files.pop(FILE)
    portal.files[EARLIER] = replace(later, id=EARLIER)
    portal.arrive = lambda: portal.files.update({EARLIER: replace(portal.files[EARLIER], folder_id=INCOMING)})
    assert world.handle("m-0", event=msgspec.structs.replace(EVENT, file_id=EARLIER)).event.namesakes == ()
    portal.files[FILE] = later
    portal.arrive = lambda: portal.change(folder_id=INCOMING)
    looks.clear()
    return portal.files


def test_a_file_of_the_same_title_that_we_filed_there_is_named(world, earlier):
    assert world.handle().event.namesakes == (EARLIER,)


def test_titles_that_a_person_reads_alike_are_the_same(world, portal, earlier):
    portal.change(title=" INVOICE\u200b 7.pdf")
    assert world.handle().event.namesakes == (EARLIER,)


def test_it_costs_one_look_and_without_one_before_it_none(world, earlier, looks):
    world.handle()
    assert looks.count(EARLIER) == 1
    looks.clear()
    earlier[FILE] = replace(earlier[FILE], folder_id=ROOM, title="Invoice 8.pdf", version=2)
    world.handle("m-2", event=msgspec.structs.replace(EVENT, version=2, title="Invoice 8.pdf"))
    assert set(looks) == {FILE}


@pytest.mark.parametrize(
    "changed",
    [{"folder_id": 77}, {"title": "Paid invoice 7.pdf"}, {"root_folder_type": 3}],
    ids=["moved on", "renamed", "in a trash"],
)
def test_one_that_does_not_lie_there_any_more_under_that_title_is_not_named(world, earlier, changed):
    earlier[EARLIER] = replace(earlier[EARLIER], **changed)
    assert world.handle().event.namesakes == ()


def test_one_that_was_purged_is_not_named(world, earlier):
    del earlier[EARLIER]
    assert world.handle().event.namesakes == ()


def test_a_portal_that_does_not_tell_holds_nothing_up(world, earlier):
    earlier[EARLIER] = UnreachableError("timeout")
    outcome = world.handle()
    assert isinstance(outcome, Forward)
    assert isinstance(outcome.event, InvoiceFiled)
    assert outcome.event.namesakes == ()


def test_a_repeat_states_the_same(world, earlier):
    assert world.handle() == world.handle()


def test_what_a_listing_in_third_party_storage_showed_is_named(remote):  # noqa: F811 - the fixture
    """A move to there begins with one, as it is what tells the file's new id."""
    assert remote().event.namesakes == (600,)


def seen_file(file_id, title="Invoice 7.pdf"):
    return FileInfo(id=file_id, title=title, folder_id=INCOMING)


def test_what_a_page_showed_is_remembered_for_a_while_by_folder_and_title():
    now = 100.0
    seen = Seen(lambda: now)
    seen.told(INCOMING, [seen_file(1), seen_file(2), seen_file(3, "Invoice 8.pdf")])
    seen.told(ROOM, [seen_file(4)])
    assert seen.beside(seen_file(1)) == [2]
    now += SEEN_S + 1
    assert seen.beside(seen_file(1)) == []


def test_of_one_title_no_more_is_remembered_than_anybody_reads():
    seen = Seen()
    seen.told(INCOMING, map(seen_file, range(10_000)))
    assert len(seen.beside(seen_file(-1))) <= KEPT_OF_A_TITLE + 1
