"""Moves and copies files, and reads file operations, under /api/2.0/files/fileops."""

from typing import Any

import falcon

from simulator.api.dto import Shapes, parse_id
from simulator.api.envelope import ok
from simulator.api.forms import flag, json_body
from simulator.errors import RangeError, SelectorError, ValidationError
from simulator.portal.model import Conflict, OperationType
from simulator.portal.portal import Portal

CONFLICTS = {conflict.name.casefold(): conflict for conflict in Conflict}
KINDS = {str(int(kind)): kind for kind in OperationType} | {kind.name.casefold(): kind for kind in OperationType}
"""By name or number: ONLYOFFICE's own client puts the number into the path."""
EMPTY_KINDS = ("3", "4", "7", "download", "markasread", "duplicate")
"""Kinds of which the simulator has no operations."""
NO_QUEUE = ("5", "6", "import", "convert")


def parse_conflict(value: Any) -> Conflict:
    """Takes a number or a name. Nothing, or a number without a meaning, is Skip."""
    text = str(value).strip().casefold() if value is not None else "0"
    if text.isdecimal():
        return Conflict(int(text)) if int(text) in set(Conflict) else Conflict.SKIP
    try:
        return CONFLICTS[text]
    except KeyError:
        raise ValidationError(**{"$.conflictResolveType": "The JSON value could not be converted."}) from None


class OperationsResource:
    def __init__(self, portal: Portal, shapes: Shapes) -> None:
        self._portal = portal
        self._shapes = shapes

    def on_get(self, req: falcon.Request, resp: falcon.Response, kind: str | None = None) -> None:
        if req.context.user is None or (kind or "").casefold() in EMPTY_KINDS:
            ok(req, resp, [])
            return
        only = _kind(kind) if kind is not None else None
        with self._portal.lock:
            found = self._portal.read_operations(req.context.user, req.get_param("id"), only)
            ok(req, resp, [self._shapes.operation(operation) for operation in found])

    def on_get_move(self, req: falcon.Request, resp: falcon.Response) -> None:
        self.on_get(req, resp, "move")

    def on_put_move(self, req: falcon.Request, resp: falcon.Response) -> None:
        body, user = json_body(req), req.context.user
        files = [parse_id(item) for item in body.get("fileIds") or []]
        folders = [parse_id(item) for item in body.get("folderIds") or []]
        conflict = parse_conflict(body.get("conflictResolveType"))
        if not files and not folders:
            ok(req, resp, [])
            return
        if body.get("destFolderId") is None:
            raise SelectorError
        with self._portal.lock:
            queued = self._portal.move(
                user,
                files,
                folders,
                parse_id(body["destFolderId"]),
                conflict,
                hold=not flag(body.get("deleteAfter")),
            )
            # Without the flag the answer is an ordinary read, which removes finished operations.
            single = flag(body.get("returnSingleOperation"))
            shown = [queued] if single else self._portal.read_operations(user, None, None)
            ok(req, resp, [self._shapes.operation(operation) for operation in shown])

    def on_put_copy(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Copies files. The copy is always a further file, also if one has that title."""
        body, user = json_body(req), req.context.user
        files, dest = [parse_id(item) for item in body.get("fileIds") or []], parse_id(body.get("destFolderId"))
        with self._portal.lock:
            hold = not flag(body.get("deleteAfter"))
            operation = self._portal.operations.copy(user, files, dest, hold=hold)
            ok(req, resp, [self._shapes.operation(operation)])


def _kind(text: str) -> OperationType:
    if text.casefold() in NO_QUEUE:
        raise RangeError("Specified argument was out of the range of valid values.")
    try:
        return KINDS[text.casefold()]
    except KeyError:
        raise ValidationError(operationType=f"The value '{text}' is not valid.") from None
