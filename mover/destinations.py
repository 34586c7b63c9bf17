"""What the folder that invoices go to is called, and its page in the portal's web client: asked once, kept a while.

People read names, and a link to a folder can be opened where one to the file is a bare download.
"""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol
from urllib.parse import quote, urlsplit

import msgspec
from cachetools import TTLCache

from mover.plan import Result
from shared.docspace.deadline import within
from shared.docspace.errors import RefusedError, TryLaterError
from shared.docspace.folders import is_section
from shared.docspace.model import PERSONAL, ROOMS, FileInfo, FolderInfo
from shared.threads.batching import Once
from shared.wire.events import EntryId

KEPT_S = 600.0
"""A folder that is renamed or moved is called as before for so long; so is one that could not be asked about."""

FOLDERS = 1024

ASK_WITHIN_S = 5.0
"""An invoice is not held up for a name."""

PAGES = {ROOMS: "/rooms/shared/{id}/filter?folder={id}", PERSONAL: "/rooms/personal/filter?folder={id}"}
"""By the type of the section. Source: GetFolderUrl in PathProvider.cs of DocSpace-server, by which the portal links
its own mails and editors. A folder in another section has no link.
"""


class Destination(NamedTuple):
    path: tuple[str, ...]
    """Titles, from the room down to the folder itself."""
    page: str | None
    """Its page below the portal's address."""


UNKNOWN = Destination((), None)


class Folders(Protocol):
    def folder_path(self, folder_id: EntryId, /) -> tuple[FolderInfo, ...]: ...


class Destinations:
    """Serves many threads: those that ask at once share an answer."""

    def __init__(self, portal: Folders, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds, which only go forward."""
        self._portal = portal
        self._lock = threading.Lock()
        self._asked: TTLCache[str, Once[Destination]] = TTLCache(FOLDERS, KEPT_S, timer=clock)

    def named(self, folder_id: EntryId) -> Destination:
        """`UNKNOWN` where the portal would not say."""
        with self._lock:
            asked = self._asked.setdefault(str(folder_id), Once(lambda: self._ask(folder_id)))
        return asked.result()

    def _ask(self, folder_id: EntryId) -> Destination:
        try:
            with within(ASK_WITHIN_S):
                path = self._portal.folder_path(folder_id)
        except (RefusedError, TryLaterError):
            return UNKNOWN
        titles = tuple(folder.title for folder in path if not is_section(folder))
        page = PAGES.get(path[-1].root_folder_type or 0) if path else None
        return Destination(titles if all(titles) else (), page and page.format(id=quote(str(folder_id), safe="")))


class Portal(Protocol):
    destinations: Destinations


def with_destination(result: Result, file: FileInfo, portal: Portal) -> Result:
    """The result with what the destination is called, and its page at the address that the portal gave the file.

    Repeating is safe.
    """
    found = portal.destinations.named(result.filed.destination)
    filed = msgspec.structs.replace(
        result.filed,
        destination_title=found.path[-1] if found.path else None,
        destination_path=found.path,
        folder_url=_below(file.web_url, found.page),
    )
    return msgspec.structs.replace(result, filed=filed)


def _below(web_url: str | None, page: str | None) -> str | None:
    """The page at the portal's own address, which may be another than the one that its API is asked at."""
    try:
        address = urlsplit(web_url or "")
    except ValueError:
        return None
    return f"{address.scheme}://{address.netloc}{page}" if page and address.scheme and address.netloc else None
