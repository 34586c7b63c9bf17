"""The portal's rooms and folders by name, and a new folder: what a person chooses from. Moving files is `client`'s.

Routes as in DocSpace 3.7.2 and docspace-api-sdk 3.7: `files/rooms`, which wants a key that may read rooms,
`files/{folderId}` with `filterType` 2 (folders only), and POST `files/folder/{folderId}`. Every method may raise
the errors of `shared.docspace.errors`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from shared.docspace.client import Client
from shared.docspace.model import FolderInfo
from shared.docspace.pages import PAGE, pages
from shared.docspace.wire import FolderWire, Listing, PageWire
from shared.wire.events import EntryId

FOLDERS_ONLY = 2
TITLE_MAX = 165
"""What the portal takes as a folder's title."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what matches, by title, and how many there are in all."""

    folders: tuple[FolderInfo, ...]
    total: int


class Places:
    def __init__(self, client: Client) -> None:
        self._client = client

    def rooms(self, text: str = "", *, start: int = 0, count: int = PAGE) -> Page:
        """Active rooms that the key's user may see, whose title holds `text`; at most 100 at once."""
        return self._page("files/rooms", text, start, count)

    def every_room(self) -> Iterator[FolderInfo]:
        """Each active room that the key's user may see, once, though rooms come and go meanwhile.

        ScopeMissingError where the key may not list rooms.
        """
        for _, folders in pages(lambda start: self._listing("files/rooms", "", start, PAGE)):
            yield from (folder.info() for folder in folders)

    def folders(self, parent: EntryId, text: str = "", *, start: int = 0, count: int = PAGE) -> Page:
        """The folders directly in a room or folder whose title holds `text`."""
        route = f"files/{quote(str(parent), safe='')}"
        return self._page(route, text, start, count, filterType=FOLDERS_ONLY, withSubFolders="false")

    def create_folder(self, parent: EntryId, title: str) -> FolderInfo:
        """Not safe to repeat blindly: a second one of the same title is made. ForbiddenError: no right there."""
        route = f"files/folder/{quote(str(parent), safe='')}"
        return self._client.call("POST", route, FolderWire, json={"title": title}).info()

    def _page(self, route: str, text: str, start: int, count: int, **more: Any) -> Page:
        listing = self._listing(route, text, start, count, **more)
        found = tuple(folder.info() for folder in listing.folders)
        return Page(found, start + listing.entries if listing.total is None else listing.total)

    def _listing(self, route: str, text: str, start: int, count: int, **more: Any) -> Listing:
        asked = {"startIndex": start, "count": count, "sortBy": "AZ", "sortOrder": "ascending", **more}
        query = asked | ({"filterValue": text} if text else {})
        return self._client.call("GET", route, PageWire, params=query).listing()
