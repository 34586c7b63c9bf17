"""What a folder holds: filtered, sorted and cut into pages, as `GET files/{folderId}` answers it."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import falcon

from simulator.dto import Shapes
from simulator.forms import flag, integer
from simulator.model import File, Folder, JsonObject
from simulator.portal import Portal

MAX_COUNT = 100
FILES_ONLY, FOLDERS_ONLY = ("1", "filesonly"), ("2", "foldersonly")
"""How `filterType` says it: by number or by name."""
Key = Callable[[Any], Any]
SORTS: dict[str, Key] = {
    "az": lambda file: file.title.casefold(),
    "size": attrgetter("size"),
    "author": attrgetter("created_by"),
    "dateandtimecreation": attrgetter("created"),
    "dateandtime": attrgetter("modified"),
}
"""Equals keep the order in which they came into their folder."""


def contents(
    portal: Portal, shapes: Shapes, req: falcon.Request, folder: Folder, *, below: str | None
) -> JsonObject:
    """Folders come first in the count. With subfolders, which is the default, files of every depth are listed.

    A third party's folder is listed alone, whatever is asked.
    """
    kind = (req.get_param("filterType") or "").casefold()
    user, tree = req.context.user, portal.tree
    wanted = (req.get_param("filterValue") or "").casefold()
    deep = flag(below, default=True) and not folder.provider
    inner = [found for found in tree.below(folder.id) if portal.rights.may_read(user.id, found)] if deep else []
    folders = [
        found
        for found in (inner if deep and wanted else tree.folders_in(folder.id))
        if wanted in found.title.casefold() and portal.rights.may_read(user.id, found)
    ]
    places = [folder.id, *(found.id for found in inner)]
    files = [file for place in places for file in tree.files.inside(place)]
    if wanted:
        files = [file for file in files if wanted in file.title.casefold()]
    files = [] if kind in FOLDERS_ONLY else _sorted(files, req)
    folders = [] if kind in FILES_ONLY else _folders_sorted(folders, req)
    start = integer(req, "startIndex", 0, low=0, high=10**9)
    count = integer(req, "count", MAX_COUNT, low=1, high=MAX_COUNT)
    every: list[Folder | File] = [*folders, *files]
    page = every[start : start + count]
    return {
        "files": [shapes.file(user.id, entry) for entry in page if isinstance(entry, File)],
        "folders": [shapes.folder(user.id, entry) for entry in page if isinstance(entry, Folder)],
        "current": shapes.folder(user.id, folder),
        "pathParts": shapes.path_parts(folder.id),
        "startIndex": start,
        "count": len(page),
        "total": len(folders) + len(files),
        "new": 0,
    }


def _sorted(files: list[File], req: falcon.Request) -> list[File]:
    key = SORTS.get((req.get_param("sortBy") or "").casefold(), SORTS["dateandtime"])
    return sorted(files, key=key, reverse=_descending(req))


def _folders_sorted(folders: list[Folder], req: falcon.Request) -> list[Folder]:
    if (req.get_param("sortBy") or "").casefold() != "az":
        return folders
    return sorted(folders, key=lambda folder: folder.title.casefold(), reverse=_descending(req))


def _descending(req: falcon.Request) -> bool:
    return (req.get_param("sortOrder") or "ascending").casefold() in {"descending", "1"}
