"""The DocSpace REST calls of the pipeline, each answer judged. `shared.docspace.webhooks` spells the rest.

Routes and bodies as in DocSpace-server 3.7.2 (products/ASC.Files/Server/Api). Every method may raise the errors of
`shared.docspace.errors`; each waits at most `timeout_s` for a connection, then for all headers, then for every part
of an answer, and reads no answer without end (`shared.docspace.reply`, `shared.docspace.deadline`).
All but `move` and `call` only read, so repeating them is safe. One Client serves many threads: up to `pool_size` at
once keep their connections.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TypeVar

from shared.docspace import answer, wire
from shared.docspace.deadline import left_s, within
from shared.docspace.errors import (
    ForbiddenError,
    NotFoundError,
    PortalFaultError,
    RefusedError,
    ScopeMissingError,
    TooLargeError,
    TryLaterError,
    UnexplainedError,
    UnreachableError,
)
from shared.docspace.field import Field
from shared.docspace.ids import is_own_storage, segment
from shared.docspace.model import FileInfo, FolderInfo, FolderPage, KeyInfo, Operation
from shared.docspace.pages import PAGE, pages
from shared.docspace.reply import OverSizeError, Reply
from shared.docspace.state import State, missing, scope_of, state
from shared.docspace.transport import TIMEOUT_S, Transport
from shared.threads.batching import Gather
from shared.wire.events import EntryId

T = TypeVar("T")

SUCCESS = range(200, 300)
FORBIDDEN = 403
FILES_ONLY = 1
"""A value of filterType. Without a filter `withSubFolders` does nothing (tests/recorded/read-page-deep-
unfiltered.json)."""
NOT_DOCSPACE = range(200, 400)
"""If an answer with one of these statuses cannot be read, it is a page or a redirect, and perhaps not the
portal's."""

STATE_S = 30.0
"""The time for the three small answers that tell how the portal is."""

MOVE_AS_DUPLICATE = 2
"""A value of conflictResolveType. With the default, Skip, the portal does nothing if the title is taken, and
does not say so."""


class Client:
    """Acts as the creator of `api_key` on the portal at `host`, such as `https://yourportal.onlyoffice.com`.

    ValueError, without the key in it, for a key that no HTTP header can carry.
    """

    def __init__(
        self,
        host: str,
        api_key: str,
        *,
        pool_size: int,
        timeout_s: tuple[float, float] = TIMEOUT_S,
        heard: Callable[[TryLaterError | RefusedError | None], None] = lambda _: None,
        turn: Callable[[str], contextlib.AbstractContextManager[None]] = lambda _: contextlib.nullcontext(),
        ca_file: Path | None = None,
    ) -> None:
        """`heard` is called after each call, on the caller's thread: with None if it went well, else with the
        error. `turn` is called with a call's HTTP method. What it returns is entered before the call and left
        after it; an error that it raises is not reported to `heard`. `ca_file` as for `Transport`.
        """
        self._transport = Transport(host, api_key, pool_size=pool_size, timeout_s=timeout_s, ca_file=ca_file)
        self.host = self._transport.host
        self._heard = heard
        self._turn = turn
        self._states: Gather[None, None, State] = Gather(
            lambda _, askers: [self._state()] * len(askers), limit=1_000_000, longest_wait_s=0.0, at_once=1
        )

    def __repr__(self) -> str:
        return f"Client({self.host!r})"

    def file(self, file_id: EntryId) -> FileInfo:
        """The file as it is now. NotFoundError if it is gone, ForbiddenError if the key's user may not see it."""
        return self._get(f"files/file/{segment(file_id)}", wire.FileWire).info()

    def folder(self, folder_id: EntryId) -> FolderInfo:
        """A folder, room or section. NotFoundError and ForbiddenError as for `file`."""
        return self._get(f"files/folder/{segment(folder_id)}", wire.FolderWire).info()

    def folder_path(self, folder_id: EntryId) -> tuple[FolderInfo, ...]:
        """The folders from the section down to the folder itself. The one after the section is the room.

        If one of them cannot be read, it is a TryLaterError for all. On a path without its room, an invoice would
        seem to lie in no room, and would be left where it is.
        """
        items = self._get(f"files/folder/{segment(folder_id)}/path", list[wire.FolderWire])
        return tuple(item.info() for item in items)

    def state(self) -> State:
        """How the portal as a whole is, asked after this was called. If many threads ask at once, they share an
        answer.
        """
        return self._states.call(None, None)

    def self_id(self) -> str:
        """The user id of the key's user. It equals `event.createBy` in the webhooks about our own moves."""
        return str(self._get("people/@self", wire.SelfWire).id)

    def key(self) -> KeyInfo:
        """The key that this client sends."""
        return self._get("keys/@self", wire.KeyWire).info()

    def clock(self) -> datetime | None:
        """The portal's time in whole seconds, from the answer to a small request; None if it gives none."""
        told = self._reply("GET", "keys/@self").headers.get("Date", "")
        try:
            return parsedate_to_datetime(told)
        except ValueError:
            return None

    def find_files(self, folder_id: EntryId, *titles: str) -> list[FileInfo]:
        """The files directly in the folder with exactly these titles, the last changed first.

        It reads all pages of the folder. A search by title may use an index that lags behind a move.
        """
        pages = self._pages(folder_id, deep=False)
        found = (file.info() for files, _ in pages for file in files)
        return [file for file in found if file.title in titles]

    def files_below(self, folder_id: EntryId, since: datetime | None = None) -> Iterator[list[FileInfo]]:
        """Every file in the folder and its subfolders, or those that changed since then. It yields a list for
        each page, and asks for the next page when the one before was used.

        Third-party storage is walked folder by folder, because there the portal lists one folder, whatever it is
        asked for.
        """
        for files, folders in self._pages(folder_id, deep=True):
            found = [file.info() for file in files]
            changed = [(file.modified_at, file) for file in found]
            yield [file for at, file in changed if since is None or at is None or at >= since]
            for folder in folders:
                if not is_own_storage(folder.id):
                    with contextlib.suppress(NotFoundError):  # the folder was deleted meanwhile
                        yield from self.files_below(folder.id, since)
            if since and is_own_storage(folder_id) and found and (found[-1].modified_at or since) < since:
                return  # the last changed come first; of a third party's order nobody says so

    def folder_page(
        self, folder_id: EntryId, start: int, *, count: int = PAGE, oldest_first: bool = False
    ) -> FolderPage:
        """At most `count` entries directly in the folder, from the entry numbered `start` on.

        Folders come before files, the last changed first. A moved file keeps the time of its last change.
        """
        return self._page(folder_id, start, count=count, oldest_first=oldest_first).info()

    def _pages(
        self, folder_id: EntryId, *, deep: bool
    ) -> Iterator[tuple[list[wire.FileWire], list[wire.FolderWire]]]:
        return pages(lambda start: self._page(folder_id, start, deep=deep))

    def _page(
        self,
        folder_id: EntryId,
        start: int,
        *,
        count: int = PAGE,
        oldest_first: bool = False,
        deep: bool = False,
    ) -> wire.Listing:
        query: dict[str, Any] = {
            "count": count,
            "startIndex": start,
            "sortBy": "DateAndTime",
            "sortOrder": "ascending" if oldest_first else "descending",
            "withSubFolders": str(deep).lower(),
        }
        if deep and is_own_storage(folder_id):
            query["filterType"] = FILES_ONLY
        return self._get(f"files/{segment(folder_id)}", wire.PageWire, query).listing()

    def move(self, file_ids: list[EntryId], destination: EntryId) -> Operation:
        """Queue a move. The answer means "queued": only a look at the file tells whether it was moved.

        Do not repeat it blindly: after an error with `maybe_done`, first look where the file is. ForbiddenError is
        also raised for a source that is missing, locked or open in the editor, NotFoundError for a missing
        destination. With `deleteAfter: false` the portal keeps the finished operation until it is read once.
        Source: OperationController.cs, CopyPermissionsCheck.cs.
        """
        route = "files/fileops/move"
        body = {
            "folderIds": [],
            "fileIds": file_ids,
            "destFolderId": destination,
            "conflictResolveType": MOVE_AS_DUPLICATE,
            "deleteAfter": False,
            "content": False,
            "toFillOut": False,
            "returnSingleOperation": True,
        }
        operations = wire.readable(self.call("PUT", route, list[Field], json=body), wire.OperationWire)
        if not operations:
            raise wire.undocumented(f"PUT {route}", "it names no operation by its `id`")
        return operations[0].info()

    def operation(self, operation_id: str) -> Operation | None:
        """The operation; None if the portal does not know it. The portal shows a finished one once."""
        told = self._get("files/fileops", list[Field], {"id": operation_id})
        operations = wire.readable(told, wire.OperationWire)
        return next((found.info() for found in operations if str(found.id) == operation_id), None)

    def download(self, path: str, most_bytes: int) -> bytes:
        """What the portal sends for a path outside its API, with our key. TooLargeError if it is over `most_bytes`.

        ForbiddenError if the portal gives no reason for a 403, as its file handler does.
        """
        with self._turn("GET"):
            return self._heard_of(lambda: self._downloaded(path, most_bytes))

    def _downloaded(self, path: str, most_bytes: int) -> bytes:
        try:
            reply = self._transport.download(path, most_bytes)
        except OverSizeError:
            raise TooLargeError(f"the file is over {most_bytes:,} bytes") from None
        if reply.status == FORBIDDEN and not self.state().fault:
            raise ForbiddenError("the portal does not let the service user read the file")
        return self._success(reply, "the bytes of a file").body

    def exchange(self, method: str, path: str, **request: Any) -> Reply:
        """The portal's answer, not judged. UnreachableError if none came."""
        return self._transport.exchange(method, path, **request)

    def close(self) -> None:
        self._transport.close()

    def call(self, method: str, path: str, kind: type[T], **request: Any) -> T:
        """For the other modules of this package: the portal's answer as `kind`."""
        if left_s() <= 0:
            raise UnreachableError(f"no time was left for {method} {path}: the portal took it for other calls")
        with self._turn(method):
            return self._heard_of(lambda: self._judged(method, path, kind, request))

    def _judged(self, method: str, path: str, kind: type[T], request: dict[str, Any]) -> T:
        """Judge an answer that is not about an entry by how the portal as a whole is."""
        try:
            return wire.response(self._reply(method, path, **request).body, kind, f"{method} {path}")
        except (UnexplainedError, RefusedError) as error:
            raise self._judge(error, scope_of(method, path)) from error
        except TryLaterError as error:
            if error.status in NOT_DOCSPACE and (now := self.state()).fault:
                raise PortalFaultError(
                    now.reason, code=now.fault.value, status=error.status, maybe_done=error.maybe_done
                ) from error
            raise

    def _judge(self, error: UnexplainedError | RefusedError, scope: str) -> TryLaterError | RefusedError:
        """Judge an answer that gives a reason, such as a refusal about an entry. It is believed if the portal
        accepts our key afterwards.
        """
        now = self.state()
        if now.fault:
            return PortalFaultError(now.reason, code=now.fault.value, status=error.status)
        if not now.told:
            return TryLaterError(f"{error}; whether it took our key cannot be asked now", status=error.status)
        if isinstance(error, UnexplainedError) and (lacking := now.lacks(scope)):
            return ScopeMissingError(missing(lacking), scope)
        return error

    def _get(self, path: str, kind: type[T], params: dict[str, Any] | None = None) -> T:
        return self.call("GET", path, kind, params=params)

    def _heard_of(self, ask: Callable[[], T]) -> T:
        try:
            result = ask()
        except (TryLaterError, RefusedError) as error:
            self._heard(error)
            raise
        self._heard(None)
        return result

    def _state(self) -> State:
        """How the portal is. It has a time limit of its own, because other threads may wait for it too."""
        with within(STATE_S, anew=True):
            return state(self._ask)

    def _ask(self, path: str, *, with_key: bool = True) -> tuple[int, bytes]:
        reply = self._transport.exchange("GET", path, with_key=with_key)
        return reply.status, reply.body

    def _reply(self, method: str, path: str, **request: Any) -> Reply:
        return self._success(self._transport.exchange(method, path, **request), f"{method} {path}")

    def _success(self, reply: Reply, what: str) -> Reply:
        if reply.status not in SUCCESS:
            raise answer.failure(reply.status, reply.headers, reply.body, what, time.time())
        return reply
