"""Lists a folder: filtered, sorted and cut into pages, as `GET files/{folderId}` answers it."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import falcon

from simulator.api.dto import Shapes
from simulator.api.forms import flag, integer
from simulator.errors import RangeError, ValidationError
from simulator.portal import seed
from simulator.portal.model import File, Folder, Id, JsonObject
from simulator.portal.portal import Portal

MAX_COUNT = 100
NO_FILTER, FILES_ONLY, FOLDERS_ONLY, PDF = range(4)
FILTERS = {
    "": NO_FILTER, "0": NO_FILTER, "none": NO_FILTER,
    "1": FILES_ONLY, "filesonly": FILES_ONLY,
    "2": FOLDERS_ONLY, "foldersonly": FOLDERS_ONLY,
    "22": PDF, "pdf": PDF,
}  # fmt: skip
"""`filterType` takes a number or a name."""
ORDERS = {"ascending": False, "0": False, "descending": True, "1": True}
Key = Callable[[Any], Any]
SORTS: dict[str, Key] = {
    "az": lambda file: file.title.casefold(),
    "size": attrgetter("size"),
    "author": attrgetter("created_by"),
    "dateandtimecreation": attrgetter("created"),
    "dateandtime": attrgetter("modified"),
}
"""Entries with equal keys keep the order in which they came into their folder."""


def contents(
    portal: Portal, shapes: Shapes, req: falcon.Request, folder: Folder, *, rooms: bool = False
) -> JsonObject:
    """One page of a folder: folders first, then files. `withSubFolders` works only together with a filter.

    In third-party storage it does not work at all: only the folder itself is listed.
    """
    user, tree = req.context.user, portal.tree
    kind = _choice(req, "filterType", FILTERS)
    start, count = window(req)
    wanted, extension = _text(req, "filterValue"), _text(req, "extension").removeprefix(".")
    author = _text(req, "userIdOrGroupId")
    filtered = bool(kind or wanted or extension or author)
    deep = filtered and not rooms and flag(req.get_param("withSubFolders"), default=True) and not folder.provider
    inner = [found for found in tree.below(folder.id) if portal.rights.may_read(user.id, found)] if deep else []
    inside = tree.folders_in(folder.id)
    around = inner if deep else [found for found in inside if portal.rights.may_read(user.id, found)]
    folders = [
        found for found in around if wanted in found.title.casefold() and (not author or found.created_by == author)
    ]
    files = [file for place in (folder.id, *(found.id for found in inner)) for file in tree.files.inside(place)]
    if wanted or extension or author or kind == PDF:
        files = [file for file in files if _fits(file, kind, wanted, extension, author)]
    files = [] if kind == FOLDERS_ONLY else _sorted(files, req)
    folders = [] if kind in {FILES_ONLY, PDF} else _folders_sorted(folders, req)
    every: list[Folder | File] = [*folders, *files]
    page = every[start : start + count]
    return {
        "files": [shapes.file(user.id, entry) for entry in page if isinstance(entry, File)],
        "folders": [shapes.folder(user.id, entry, listed=True) for entry in page if isinstance(entry, Folder)],
        "current": shapes.current(user.id, folder),
        "pathParts": shapes.path_parts(folder.id),
        "startIndex": start,
        "count": len(page),
        "total": len(every),
        "new": 0,
    }


def rooms_section(req: falcon.Request) -> Id:
    return seed.ARCHIVE if _text(req, "searchArea") in {"archive", "1"} else seed.ROOMS


def _fits(file: File, kind: int, wanted: str, extension: str, author: str) -> bool:
    title = file.title.casefold()
    return (
        wanted in title
        and (not extension or title.endswith(f".{extension}"))
        and (kind != PDF or title.endswith(".pdf"))
        and (not author or file.created_by == author)
    )


def window(req: falcon.Request) -> tuple[int, int]:
    count = integer(req, "count", MAX_COUNT, low=1, high=MAX_COUNT)
    start = integer(req, "startIndex", 0, low=-(10**9), high=10**9)
    if start < 0:
        raise RangeError(f"from ('{start}') must be greater than or equal to '0'. (Parameter 'from')")
    return start, count


def _text(req: falcon.Request, name: str) -> str:
    return (req.get_param(name) or "").casefold()


def _choice(req: falcon.Request, name: str, choices: dict[str, int]) -> int:
    text = _text(req, name)
    try:
        return choices[text]
    except KeyError:
        raise ValidationError(**{name: f"The value '{text}' is not valid."}) from None


def _sorted(files: list[File], req: falcon.Request) -> list[File]:
    key = SORTS.get(_text(req, "sortBy"), SORTS["dateandtime"])
    return sorted(files, key=key, reverse=_descending(req))


def _folders_sorted(folders: list[Folder], req: falcon.Request) -> list[Folder]:
    key: Key = SORTS["az"] if _text(req, "sortBy") == "az" else attrgetter("created")
    return sorted(folders, key=key, reverse=_descending(req))


def _descending(req: falcon.Request) -> bool:
    """Without `sortBy` and `sortOrder`, the entry that was changed last comes first."""
    if not req.get_param("sortOrder"):
        return not req.get_param("sortBy")
    return bool(_choice(req, "sortOrder", {name: int(value) for name, value in ORDERS.items()}))
