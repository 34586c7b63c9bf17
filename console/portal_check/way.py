"""The way of a file of the check's own: made, looked at, locked, renamed, moved, followed, deleted. Sequence only.

The file belongs to the service user, whose own uploads the pipeline skips: it is neither filed nor announced.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from console.doctor import rooms
from console.doctor.line import Level
from console.portal_check.beliefs import (
    FILE_ROUTE,
    FOLDER_ROUTE,
    KEY_ROUTE,
    MOVE_ROUTE,
    OPERATION_ROUTE,
    PAGE_ROUTE,
    PATH_ROUTE,
    SELF_ROUTE,
    SETTINGS_ROUTE,
)
from console.portal_check.exchanges import CheckEndedError, Exchanges
from console.portal_check.webhook import Verdict, Watch
from console.rules.past_portal import AskedOnce
from shared.docspace.client import MOVE_AS_DUPLICATE
from shared.docspace.ids import segment
from shared.docspace.state import missing
from shared.errors import IntakeError
from shared.rules.file import single_rule
from shared.wire.events import EntryId

CONTENT = b"%PDF-1.4\n% written by a check\n"
NOT_FOUND = 404
SCOPES = ("files:read", "files:write", "rooms:read")
PAUSE_S = 0.2
NOT_LOOKED_FOR = Verdict("not looked for")
PAGE = {"startIndex": 0, "count": 10, "sortBy": "DateAndTime", "sortOrder": "descending"}


@dataclass(slots=True)
class Way:
    asked: Exchanges
    room: EntryId
    destination: EntryId
    broker: Sequence[str]
    """AMQP URLs, for what the ingress took."""
    wait_s: float
    """The longest for each thing that takes its time: the move, its operation, the webhook."""
    sleep: Callable[[float], None] = time.sleep
    title: str = field(default_factory=lambda: f"intake-check {secrets.token_hex(4)}.pdf")
    file_id: EntryId | None = None
    is_sent: bool = False
    """The upload may be there."""
    created: object = None
    webhook: Verdict = NOT_LOOKED_FOR
    began_at: float = 0.0
    """Seconds since the epoch."""

    def go(self) -> None:
        """CheckEndedError, and the portal client's errors, where it cannot go on. What it made, `tidy` removes."""
        self._portal()
        self._folders()
        self._make()
        self._lock()
        self._rename()
        self._move()
        self._webhook()
        self._delete()

    def tidy(self) -> bool:
        """Whether nothing of it is left on the portal. To be called at the end, however that came."""
        try:
            if self.file_id is None and self.is_sent:  # an answer that was lost: it may be there all the same
                found = self.asked.client.find_files(self.room, self.title)
                self.file_id = found[0].id if found else None
            if self.file_id is not None:
                self._delete()
        except (CheckEndedError, IntakeError):
            return False
        return self.file_id is None

    def _portal(self) -> None:
        self._begin("portal and key")
        state = self.asked.client.state()
        if state.fault:
            raise CheckEndedError(state.reason)
        if lacking := state.lacks(*SCOPES):
            raise CheckEndedError(missing(lacking))
        for route in (SETTINGS_ROUTE, KEY_ROUTE, SELF_ROUTE):
            self._get(route.removeprefix("GET "), route)

    def _folders(self) -> None:
        self._begin("room and destination")
        rules = single_rule(str(self.room), str(self.destination), "nobody@example.org")
        for line in rooms.check(AskedOnce(self.asked.client), rules):
            if line.level is Level.FAILED:
                raise CheckEndedError(f"{line.text}: {line.mend}".replace(" of rule default", ""))
        for folder in (self.room, self.destination):
            self._get(f"files/folder/{segment(folder)}", FOLDER_ROUTE)
            self._get(f"files/folder/{segment(folder)}/path", PATH_ROUTE)

    def _make(self) -> None:
        self._begin("upload")
        self.began_at = time.time()
        content = {"file": (self.title, CONTENT, "application/pdf")}
        self.is_sent = True
        told = self.asked.ask("POST", f"files/{segment(self.room)}/upload", files=content)
        made = _first(_response(told))
        self.file_id = made.get("id")
        if not isinstance(self.file_id, int | str):
            self.file_id = None
            raise CheckEndedError(f"the upload's answer names no file: look for {self.title!r} in the room")
        self._like_a_file("POST files/{id}/upload", made)
        self._begin("look")
        self.created = self._look().get("created")
        self._lies_on_page(self.room)

    def _lock(self) -> None:
        """It stays locked, as one's own lock keeps one from nothing: an unlock would take away all locks of the
        service user on the portal (docs/explanation/portal.md, "Rooms, locks and trash").
        """
        self._begin("lock")
        self._change("/lock", {"lockFile": True})
        if self._look().get("locked") is not True:
            self.asked.differ(FILE_ROUTE, "response.locked", "not true after a lock")

    def _rename(self) -> None:
        self._begin("rename")
        self.title = self.title.replace("check", "checked")
        self._change("", {"title": self.title})
        if self._look().get("title") != self.title:
            self.asked.differ(FILE_ROUTE, "response.title", "is not the new one after a rename")

    def _move(self) -> None:
        self._begin("move")
        body = {
            "folderIds": [], "fileIds": [self.file_id], "destFolderId": self.destination,
            "conflictResolveType": MOVE_AS_DUPLICATE, "deleteAfter": False, "content": False, "toFillOut": False,
            "returnSingleOperation": True,
        }  # fmt: skip
        shape = self.asked.believed[MOVE_ROUTE]
        queued = _first(_response(self.asked.ask("PUT", "files/fileops/move", shape, json=body)))
        self._begin("see it in its place")
        until = time.monotonic() + self.wait_s
        while str(self._look().get("folderId")) != str(self.destination):
            if time.monotonic() > until:
                self.asked.differ(MOVE_ROUTE, "effect", "the file is not in the destination when the wait is over")
                break
            self.sleep(PAUSE_S)
        self._begin("the move's end")
        self._follow(queued.get("id"))
        self._lies_on_page(self.destination)

    def _webhook(self) -> None:
        self._begin("webhook")
        watch = Watch(self.asked.client, self.broker, self.file_id or "", self.began_at)
        self.webhook = watch.verdict(self.wait_s, self.sleep)

    def _delete(self) -> None:
        self._begin("delete")
        route = f"files/file/{segment(self.file_id or '')}"
        told = self.asked.ask("DELETE", route, json={"deleteAfter": False, "immediately": True})
        self._follow(_first(_response(told)).get("id"))
        gone = self.asked.send("GET", route)
        if gone.status != NOT_FOUND:
            self.asked.differ(FILE_ROUTE, "status", f"{gone.status}, not {NOT_FOUND}, of a file that was deleted")
            return
        self.file_id, self.is_sent = None, False
        error = gone.answer.get("error") if isinstance(gone.answer, dict) else None
        if not isinstance(error, dict) or not isinstance(error.get("message"), str):
            self.asked.differ(FILE_ROUTE, "error.message", f"missing in a {NOT_FOUND}")

    def _look(self) -> dict[str, Any]:
        file = _first(_response(self._get(f"files/file/{segment(self.file_id or '')}", FILE_ROUTE)))
        if str(file.get("id")) != str(self.file_id):
            self.asked.differ(FILE_ROUTE, "response.id", "is not the file's that was asked for")
        if self.created is not None and file.get("created") != self.created:
            self.asked.differ(FILE_ROUTE, "response.created", "changed, though the file is the same")
        return file

    def _lies_on_page(self, folder: EntryId) -> None:
        page = _response(self._get(f"files/{segment(folder)}", PAGE_ROUTE, params=PAGE))
        files = page.get("files") if isinstance(page, dict) else None
        if not any(str(file.get("id")) == str(self.file_id) for file in _dicts(files)):
            self.asked.differ(PAGE_ROUTE, "response.files", "the newest file is not on the first page")

    def _follow(self, operation_id: object) -> None:
        """Until the operation is told as finished, or is not known any more."""
        if not isinstance(operation_id, str):
            self.asked.differ(OPERATION_ROUTE, "response[].id", "an operation without one cannot be followed")
            return
        until = time.monotonic() + self.wait_s
        while True:
            found = _first(_response(self._get("files/fileops", OPERATION_ROUTE, params={"id": operation_id})))
            if not found or found.get("finished") is True:
                break
            if time.monotonic() > until:
                self.asked.differ(OPERATION_ROUTE, "response[].finished", "not true when the wait is over")
                return
            self.sleep(PAUSE_S)
        if found.get("error"):
            raise CheckEndedError("the portal could not do it", str(found["error"]))

    def _change(self, suffix: str, body: dict[str, Any]) -> None:
        told = self.asked.ask("PUT", f"files/file/{segment(self.file_id or '')}{suffix}", json=body)
        self._like_a_file(f"PUT files/file/{{id}}{suffix}", _first(_response(told)))

    def _like_a_file(self, route: str, told: dict[str, Any]) -> None:
        """Answers of these routes were not recorded: they are held to a file's, and may leave fields out."""
        self.asked.compare(route, told, self.asked.believed[FILE_ROUTE].below("response"), whole=False)

    def _get(self, path: str, route: str, **request: Any) -> Any:
        return self.asked.ask("GET", path, self.asked.believed[route], **request)

    def _begin(self, step: str) -> None:
        self.asked.begin(step)


def _response(answer: object) -> Any:
    return answer.get("response") if isinstance(answer, dict) else None


def _first(told: object) -> dict[str, Any]:
    """A portal answers some routes with an object, some with a list of one; empty where it is neither."""
    return next(iter(_dicts(told if isinstance(told, list) else [told])), {})


def _dicts(told: object) -> list[dict[str, Any]]:
    return [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
