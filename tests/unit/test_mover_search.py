"""How many pages it takes to find files in a folder, by where they lie and what the last search taught."""

import threading

import pytest

from mover.search import Search
from shared.docspace.model import FileInfo, FolderPage
from shared.docspace.pages import PAGE


class Folder:
    """Its files, the oldest first."""

    def __init__(self, files, *, tells_total=True):
        self.files = list(files)
        self.tells_total = tells_total
        self.pages = 0
        self.search = Search(self.read)

    def read(self, _folder_id, start, oldest_first):
        self.pages += 1
        order = self.files if oldest_first else self.files[::-1]
        page = tuple(FileInfo(id=n, title=str(n), folder_id=1) for n in order[start : start + PAGE])
        return FolderPage(page, len(page), len(self.files) if self.tells_total else None)

    def find(self, wanted):
        """How many were found, and in how many pages."""
        before = self.pages
        found = self.search.find(1, list(wanted))
        assert {int(key) for key in found} <= set(wanted)
        assert all(str(file.id) == key for key, file in found.items())
        return len(found), self.pages - before


def test_where_no_thread_is_to_be_had_pages_are_read_one_after_another(monkeypatch):
    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert Folder(range(5000)).find(range(4000, 5000))[0] == 1000


def test_what_has_just_come_is_on_the_first_page():
    assert Folder(range(5000)).find(range(4950, 5000)) == (50, 1)


def test_a_backlog_is_found_at_its_old_end_and_from_then_on_at_once():
    folder = Folder(range(2000))
    found, pages = folder.find(range(100))
    assert (found, pages <= 5) == (100, True)
    folder.files = folder.files[100:]
    assert folder.find(range(100, 200)) == (100, 2)


def test_a_backlog_behind_old_files_that_stay_is_remembered_too():
    folder = Folder(range(2000))
    found, _ = folder.find(range(300, 420))
    assert found == 120
    folder.files = [*range(300), *range(420, 2000)]
    found, pages = folder.find(range(420, 540))
    assert (found, pages <= 5) == (120, True)


def test_what_it_remembers_is_dropped_when_the_backlog_is_over():
    folder = Folder(range(1000))
    folder.find(range(100))
    folder.files = list(range(900, 1000))
    assert folder.find(range(960, 1000)) == (40, 1)
    folder.files = list(range(900, 5000))
    assert folder.find(range(4960, 5000)) == (40, 1)


@pytest.mark.parametrize("wanted", [2, 8, 40])
@pytest.mark.parametrize("tells_total", [True, False])
def test_what_lies_too_deep_is_left_to_be_asked_for(wanted, tells_total):
    folder = Folder(range(20_000), tells_total=tells_total)
    found, pages = folder.find(range(9000, 9000 + wanted))
    assert found == 0
    assert pages <= max(1, wanted // 4)


@pytest.mark.parametrize("tells_total", [True, False])
def test_what_is_not_there_ends_with_the_folder(tells_total):
    folder = Folder(range(250), tells_total=tells_total)
    found, pages = folder.find([*range(250), *range(1000, 1100)])
    assert found == 250
    assert pages <= 7
    assert Folder([], tells_total=tells_total).find(range(20)) == (0, 1)
