"""A filed invoice says what its folder is called and where people open it; no invoice waits for that."""

import json
import threading

import pytest

from mover.destinations import ASK_WITHIN_S, KEPT_S, UNKNOWN, Destination, Destinations
from shared.docspace.deadline import left_s
from shared.docspace.errors import BusyError, ForbiddenError, NotFoundError, TryLaterError
from shared.docspace.model import PERSONAL, ROOMS, FolderInfo
from shared.docspace.wire import FolderWire, response
from shared.wire.events import InvoiceFiled
from shared.wire.outcome import Forward, Outcome
from tests.support.recorded import RECORDED
from tests.unit.mover_handler.world import INCOMING

SECTION = FolderInfo(id=1, title="Rooms", parent_id=0, root_folder_type=ROOMS)
ACCOUNTING = FolderInfo(id=2, title="Accounting", parent_id=1, root_folder_type=ROOMS)
THERE = FolderInfo(id=INCOMING, title="Incoming", parent_id=2, root_folder_type=ROOMS)
PAGE = f"/rooms/shared/{INCOMING}/filter?folder={INCOMING}"


class Folders:
    def __init__(self, answer) -> None:
        self.answer = answer
        self.asked = 0
        self.left_s = 0.0

    def folder_path(self, _folder_id):
        self.asked += 1
        self.left_s = left_s()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def folders():
    return Folders((SECTION, ACCOUNTING, THERE))


def filed_of(outcome: Outcome) -> InvoiceFiled:
    assert isinstance(outcome, Forward)
    assert isinstance(outcome.event, InvoiceFiled)
    return outcome.event


def test_a_filed_invoice_says_the_titles_down_to_its_folder_and_where_to_open_it(world, portal, monkeypatch):
    monkeypatch.setattr(portal, "folder_path", lambda _: (SECTION, ACCOUNTING, THERE))
    filed = filed_of(world.handle())
    assert (filed.destination_title, filed.destination_path) == ("Incoming", ("Accounting", "Incoming"))
    assert filed.folder_url == f"https://portal.example{PAGE}"


@pytest.mark.parametrize(
    "fault", [TryLaterError("503"), BusyError("429"), ForbiddenError("403"), NotFoundError("404")]
)
def test_an_invoice_is_filed_though_its_folder_cannot_be_asked_about(world, portal, monkeypatch, fault):
    def refuse(_folder_id):
        raise fault

    monkeypatch.setattr(portal, "folder_path", refuse)
    filed = filed_of(world.handle())
    assert (filed.destination_title, filed.destination_path, filed.folder_url) == (None, (), None)


@pytest.mark.parametrize("answer", [(SECTION, ACCOUNTING, THERE), TryLaterError("503")])
def test_a_folder_is_asked_about_once_in_ten_minutes_whatever_the_answer(folders, answer):
    folders.answer, now = answer, [0.0]
    destinations = Destinations(folders, lambda: now[0])
    first = destinations.named(INCOMING)
    assert destinations.named(str(INCOMING)) == first
    assert folders.asked == 1
    now[0] += KEPT_S + 1
    destinations.named(INCOMING)
    assert folders.asked == 2


def test_threads_that_ask_at_once_share_one_answer(folders):
    destinations, found = Destinations(folders), []
    barrier = threading.Barrier(8)

    def ask() -> None:
        barrier.wait()
        found.append(destinations.named(INCOMING))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [Destination(("Accounting", "Incoming"), PAGE)] * 8
    assert folders.asked == 1


def test_the_question_has_a_few_seconds_in_all(folders):
    Destinations(folders).named(INCOMING)
    assert 0 < folders.left_s <= ASK_WITHIN_S


@pytest.mark.parametrize(
    ("section", "page"),
    [
        (ROOMS, "/rooms/shared/sbox-1-%7CBills/filter?folder=sbox-1-%7CBills"),
        (PERSONAL, "/rooms/personal/filter?folder=sbox-1-%7CBills"),
        (20, None),
        (None, None),
    ],
)
def test_the_page_is_spelt_as_the_portal_spells_its_own_links(folders, section, page):
    folders.answer = (FolderInfo(id="sbox-1-|Bills", title="Bills", parent_id=2, root_folder_type=section),)
    assert Destinations(folders).named("sbox-1-|Bills") == Destination(("Bills",), page)


def test_a_path_with_a_title_that_is_not_told_is_left_out_whole(folders):
    folders.answer = (SECTION, FolderInfo(id=2, title="", parent_id=1), THERE)
    assert Destinations(folders).named(INCOMING).path == ()
    folders.answer = ()
    assert Destinations(folders).named(INCOMING + 1) == UNKNOWN


def test_the_path_of_a_real_portal_begins_with_the_room(folders):
    answer = json.dumps(json.loads((RECORDED / "move-path.json").read_text())["answer"])
    folders.answer = tuple(item.info() for item in response(answer.encode(), list[FolderWire], "path"))
    assert folders.answer[0].title == "Rooms"
    found = Destinations(folders).named(119)
    assert found.path == tuple(folder.title for folder in folders.answer[1:])
    assert found.page == "/rooms/shared/119/filter?folder=119"
