"""Paging through a folder that loses files meanwhile: what stays is found, each once."""

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.docspace.pages import OVERLAP, PAGE, pages
from shared.docspace.wire import FileWire, FolderWire, Listing
from shared.wire.events import EntryId


class Folder:
    """Positions count, as in the portal. After each answer the next of `leaving` go away."""

    def __init__(self, files: int, folders: int = 0, leaving: list[list[int]] | None = None, *, total: bool = True):
        self.files = list(range(1, files + 1))
        self.folders = list(range(1, folders + 1))
        self.leaving = leaving or []
        self.total = total
        self.starts: list[int] = []

    def page(self, start: int) -> Listing:
        self.starts.append(start)
        every = [
            *(FolderWire(id=one) for one in self.folders),
            *(FileWire(id=one, folder_id=9) for one in self.files),
        ]
        cut = every[start : start + PAGE]
        if self.leaving:
            gone = set(self.leaving.pop(0))
            self.files = [one for one in self.files if one not in gone]
        return Listing(
            files=[one for one in cut if isinstance(one, FileWire)],
            folders=[one for one in cut if isinstance(one, FolderWire)],
            total=len(every) if self.total else None,
        )


def read(folder: Folder) -> list[EntryId]:
    return [file.id for files, _ in pages(folder.page) for file in files]


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 450),
    st.integers(0, 120),
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 250)), max_size=6),
    st.booleans(),
)
def test_what_stays_is_found_once_whatever_leaves(files, folders, leaving, total) -> None:
    gone = [list(range(first, first + count)) for first, count in leaving]
    folder = Folder(files, folders, gone, total=total)
    found = read(folder)
    assert len(found) == len(set(found))
    assert set(folder.files) <= set(found)


def test_a_folder_where_nothing_moves_costs_little_more_than_its_pages() -> None:
    folder = Folder(1_000)
    assert read(folder) == list(range(1, 1_001))
    assert len(folder.starts) == 12


def test_as_many_as_overlap_may_leave_at_no_cost_and_more_are_gone_back_for() -> None:
    few = Folder(180, leaving=[list(range(1, OVERLAP))])
    many = Folder(180, leaving=[list(range(1, 60))])
    assert (set(read(few)), few.starts) == (set(range(1, 181)), [0, PAGE - OVERLAP])
    assert (set(read(many)), many.starts) == (set(range(1, 181)), [0, PAGE - OVERLAP, 0, PAGE - OVERLAP])


def test_folders_and_files_of_one_id_are_told_apart() -> None:
    found = list(pages(Folder(3, folders=3).page))
    assert [(len(files), len(folders)) for files, folders in found] == [(3, 3)]
