"""Files that are looked for together are found in the way that costs the portal least, whatever fails."""

import pytest

from mover.looks import Looks
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

    def file(self, file_id):
        self.looks.append(file_id)
        try:
            return self.files[file_id]
        except KeyError:
            raise NotFoundError("the portal answered 404") from None

    def folder_page(self, folder_id, start, *, count, oldest_first):
        self.pages.append((start, count))
        if self.page_fails:
            raise self.page_fails
        inside = [file for file in self.files.values() if file.folder_id == folder_id]
        inside = inside if oldest_first else inside[::-1]
        return FolderPage(tuple(inside[start : start + count]), len(inside[start : start + count]), len(inside))


def test_a_few_are_looked_at_one_by_one():
    portal = Portal(*map(a_file, range(1, 3)))
    assert set(Looks(portal, Pace()).arrived(FOLDER, [1, 2])) == {"1", "2"}
    assert (portal.pages, portal.looks) == ([], [1, 2])


def test_many_are_read_from_one_page_that_is_no_longer_than_it_need_be():
    portal = Portal(*map(a_file, range(1, 200)))
    wanted = list(range(180, 200))
    assert set(Looks(portal, Pace()).arrived(FOLDER, wanted)) == set(map(str, wanted))
    assert (portal.pages, portal.looks) == ([(0, 50)], [])


def test_what_lies_deeper_than_a_page_reaches_is_looked_at_itself_as_soon_as_the_first_has_come():
    newer = map(a_file, range(100, 200))
    portal = Portal(*(a_file(number, FOLDER if number <= 3 else ELSEWHERE) for number in range(1, 11)), *newer)
    assert set(Looks(portal, Pace()).arrived(FOLDER, list(range(1, 11)))) == {"1", "2", "3"}
    assert (portal.pages, portal.looks) == ([(0, 30)], [1, 2, 3, 4])


def test_while_none_has_come_that_costs_one_look():
    portal = Portal(*(a_file(number, ELSEWHERE) for number in range(1, 11)), *map(a_file, range(100, 200)))
    assert Looks(portal, Pace()).arrived(FOLDER, list(range(1, 11))) == {}
    assert (portal.pages, portal.looks) == ([(0, 30)], [1])


@pytest.mark.parametrize("error", [UnreachableError("in time"), ForbiddenError("403"), NotFoundError("404")])
def test_where_a_page_fails_each_is_looked_at_itself(error):
    portal = Portal(*map(a_file, range(1, 11)))
    portal.page_fails = error
    assert len(Looks(portal, Pace()).arrived(FOLDER, list(range(1, 11)))) == 10
    assert len(portal.looks) == 10


def test_where_the_portal_as_a_whole_fails_nobody_is_looked_at():
    portal = Portal(*map(a_file, range(1, 11)))
    portal.page_fails = PortalFaultError("the portal is suspended")
    with pytest.raises(PortalFaultError):
        Looks(portal, Pace()).arrived(FOLDER, list(range(1, 11)))
    assert portal.looks == []


def test_what_lies_elsewhere_or_is_gone_has_not_arrived():
    portal = Portal(a_file(1), a_file(2, ELSEWHERE))
    assert set(Looks(portal, Pace()).arrived(FOLDER, [1, 2, 3])) == {"1"}


def test_that_a_file_is_gone_only_the_question_for_itself_tells():
    looks = Looks(Portal(*map(a_file, range(1, 50))), Pace())
    assert looks.file(7, FOLDER).id == 7
    with pytest.raises(NotFoundError):
        looks.file(99, FOLDER)
