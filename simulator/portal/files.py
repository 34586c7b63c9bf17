"""The files of a portal, with indexes by id, folder and title. No rights, no I/O."""

from collections import defaultdict
from collections.abc import Iterator, MutableMapping, ValuesView

from simulator.portal.model import File, Id


class Files(MutableMapping[Id, File]):
    """Files by id, in the order in which they came. Use `place` to change a file's folder or title."""

    def __init__(self) -> None:
        self._by_id: dict[Id, File] = {}
        self._by_folder: defaultdict[Id, dict[Id, File]] = defaultdict(dict)
        self._by_title: defaultdict[tuple[Id, str], dict[Id, File]] = defaultdict(dict)
        self._highest = 0

    def highest(self) -> int:
        """The highest number among the ids; 0 if no id is a number."""
        return self._highest

    def inside(self, folder_id: Id) -> ValuesView[File]:
        return self._by_folder[folder_id].values()

    def titled(self, folder_id: Id, title: str) -> File | None:
        """The first file with that title in the folder, in any case."""
        same = self._by_title.get((folder_id, title.casefold()), {})
        return next(iter(same.values()), None)

    def place(self, file: File, folder_id: Id, title: str) -> None:
        self._unshelve(file)
        file.folder_id, file.title = folder_id, title
        self._shelve(file)

    def _shelve(self, file: File) -> None:
        self._by_folder[file.folder_id][file.id] = file
        self._by_title[file.folder_id, file.title.casefold()][file.id] = file

    def _unshelve(self, file: File) -> None:
        del self._by_folder[file.folder_id][file.id]
        place = file.folder_id, file.title.casefold()
        del self._by_title[place][file.id]
        if not self._by_title[place]:
            del self._by_title[place]

    def __getitem__(self, file_id: Id) -> File:
        return self._by_id[file_id]

    def __setitem__(self, file_id: Id, file: File) -> None:
        if file_id in self._by_id:
            del self[file_id]
        self._by_id[file_id] = file
        if isinstance(file_id, int):
            self._highest = max(self._highest, file_id)
        self._shelve(file)

    def __delitem__(self, file_id: Id) -> None:
        self._unshelve(self._by_id.pop(file_id))
        if file_id == self._highest:
            self._highest = max((id_ for id_ in self._by_id if isinstance(id_, int)), default=0)

    def __iter__(self) -> Iterator[Id]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)
