"""Files that are looked for together are found in the way that costs the portal least, whatever fails."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from mover.lookups import Lookups
from mover.namesakes import Seen
from mover.pace import Pace
from shared.docspace.errors import ForbiddenError, NotFoundError, PortalFaultError, UnreachableError
from shared.docspace.model import FileInfo, FolderPage

FOLDER, ELSEWHERE = 9, 2


def a_file(number, folder=FOLDER):
    return FileInfo(id=number, title=f"{number}.pdf", folder_id=folder)


class Portal:
    def __init__(self, *files):
        self.files = {file.id: file for file in files}
        self.pages: list[tuple[int, int]] = []
        self.looks: list[int] = []
        self.page_fails = None
        self.gate = threading.Event()
        self.gate.set()

    def file(self, file_id):
        self.looks.append(file_id)
        try:
            return self.files[file_id]
        except KeyError:
            raise NotFoundError("the portal answered 404") from None

    def folder_page(self, folder_id, start, *, count, oldest_first):
        self.pages.append((start, count))
        self.gate.wait(5)
        if self.page_fails:
            raise self.page_fails
        inside = [file for file in self.files.values() if file.folder_id == folder_id]
        inside = inside if oldest_first else inside[::-1]
        return FolderPage(tuple(inside[start : start + count]), len(inside[start : start + count]), len(inside))


def test_a_few_are_looked_at_one_by_one():
    portal = Portal(*map(a_file, range(1, 3)))
    assert set(Lookups(portal, Pace()).arrived(FOLDER, [1, 2])) == {"1", "2"}
    assert (portal.pages, portal.looks) == ([], [1, 2])


def test_many_are_read_from_one_page_that_is_no_longer_than_it_need_be():
    portal = Portal(*map(a_file, range(1, 200)))
    wanted = list(range(180, 200))
    assert set(Lookups(portal, Pace()).arrived(FOLDER, wanted)) == set(map(str, wanted))
    assert (portal.pages, portal.looks) == ([(0, 50)], [])


def test_what_a_page_showed_beside_them_is_known_by_its_title():
    seen = Seen()
    by_hand = FileInfo(id=500, title="7.pdf", folder_id=FOLDER)
    portal = Portal(*map(a_file, range(1, 20)), by_hand)
    found = Lookups(portal, Pace(), seen).arrived(FOLDER, list(range(1, 20)))
    assert portal.looks == []
    assert seen.beside(found["7"]) == [500]


def test_what_has_not_come_yet_costs_one_look_beside_the_pages():
    newer = map(a_file, range(100, 200))
    portal = Portal(*(a_file(number, FOLDER if number <= 3 else ELSEWHERE) for number in range(1, 11)), *newer)
    assert set(Lookups(portal, Pace()).arrived(FOLDER, list(range(1, 11)))) == {"1", "2", "3"}
    assert portal.looks == [4]  # the others were among the folder's oldest


def test_while_none_has_come_that_costs_one_look_too():
    portal = Portal(*(a_file(number, ELSEWHERE) for number in range(1, 11)), *map(a_file, range(100, 200)))
    assert Lookups(portal, Pace()).arrived(FOLDER, list(range(1, 11))) == {}
    assert portal.looks == [1]


def test_files_not_among_the_newest_are_sought_among_the_oldest_and_there_first():
    portal = Portal(*map(a_file, range(1, 200)))
    looks = Lookups(portal, Pace())
    assert len(looks.arrived(FOLDER, range(1, 11))) == 10
    assert len(looks.arrived(FOLDER, range(11, 21))) == 10
    assert (portal.pages, portal.looks) == ([(0, 30)] * 3, [])


def test_those_in_between_are_looked_for_on_whole_pages_where_that_costs_less():
    portal = Portal(*map(a_file, range(1, 200)))
    wanted = list(range(90, 110))
    assert set(Lookups(portal, Pace()).arrived(FOLDER, wanted)) == set(map(str, wanted))
    assert portal.looks == []


def test_the_files_of_several_operations_are_looked_for_together():
    portal = Portal(*map(a_file, range(1, 41)))
    looks = Lookups(portal, Pace())
    found = []
    with ThreadPoolExecutor(4) as pool:
        portal.gate.clear()
        asked = [pool.submit(looks.arrived, FOLDER, range(first, first + 10)) for first in (1, 11, 21, 31)]
        time.sleep(0.2)
        portal.gate.set()
        found = [len(one.result()) for one in asked]
    assert found == [10] * 4
    assert len(portal.pages) < 8


@pytest.mark.parametrize("error", [UnreachableError("in time"), ForbiddenError("403"), NotFoundError("404")])
def test_where_a_page_fails_each_is_looked_at_itself(error):
    portal = Portal(*map(a_file, range(1, 11)))
    portal.page_fails = error
    assert len(Lookups(portal, Pace()).arrived(FOLDER, list(range(1, 11)))) == 10
    assert len(portal.looks) == 10


def test_where_the_portal_as_a_whole_fails_nobody_is_looked_at():
    portal = Portal(*map(a_file, range(1, 11)))
    portal.page_fails = PortalFaultError("the portal is suspended")
    with pytest.raises(PortalFaultError):
        Lookups(portal, Pace()).arrived(FOLDER, list(range(1, 11)))
    assert portal.looks == []


def test_what_lies_elsewhere_or_is_gone_has_not_arrived():
    portal = Portal(a_file(1), a_file(2, ELSEWHERE))
    assert set(Lookups(portal, Pace()).arrived(FOLDER, [1, 2, 3])) == {"1"}


def test_that_a_file_is_gone_only_the_question_for_itself_tells():
    looks = Lookups(Portal(*map(a_file, range(1, 50))), Pace())
    assert looks.file(7, FOLDER).id == 7
    with pytest.raises(NotFoundError):
        looks.file(99, FOLDER)
