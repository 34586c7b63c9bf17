"""Moving files and asking after file operations, under /api/2.0/files/fileops."""

import time
from typing import Any

import falcon

from simulator.dto import Shapes, parse_id
from simulator.envelope import ok
from simulator.errors import BadRequestError
from simulator.forms import flag, json_body
from simulator.model import Conflict, OperationType
from simulator.portal import Portal

CONFLICTS = {str(int(conflict)): conflict for conflict in Conflict} | {
    conflict.name.casefold(): conflict for conflict in Conflict
}
KINDS = {str(int(kind)): kind for kind in OperationType} | {kind.name.casefold(): kind for kind in OperationType}
"""ONLYOFFICE's own client puts the number into the path."""


def parse_conflict(value: Any) -> Conflict:
    """A number or a name; Skip where nothing is said."""
    try:
        return CONFLICTS[str(value).strip().casefold()] if value is not None else Conflict.SKIP
    except KeyError:
        raise BadRequestError("conflictResolveType") from None


class OperationsResource:
    def __init__(self, portal: Portal, shapes: Shapes) -> None:
        self._portal = portal
        self._shapes = shapes

    def on_get(self, req: falcon.Request, resp: falcon.Response, kind: str | None = None) -> None:
        if kind is not None and kind.casefold() not in KINDS:
            raise BadRequestError(f"The value '{kind}' is not valid.")
        only = KINDS[kind.casefold()] if kind is not None else None
        with self._portal.lock:
            found = self._portal.read_operations(req.context.user, req.get_param("id"), only)
            ok(req, resp, [self._shapes.operation(operation, time.monotonic()) for operation in found])

    def on_get_move(self, req: falcon.Request, resp: falcon.Response) -> None:
        self.on_get(req, resp, "move")

    def on_put_move(self, req: falcon.Request, resp: falcon.Response) -> None:
        body, user = json_body(req), req.context.user
        if body.get("destFolderId") is None:
            raise BadRequestError("destFolderId")
        with self._portal.lock:
            queued = self._portal.move(
                user,
                [parse_id(item) for item in body.get("fileIds") or []],
                [parse_id(item) for item in body.get("folderIds") or []],
                parse_id(body["destFolderId"]),
                parse_conflict(body.get("conflictResolveType")),
                hold=not flag(body.get("deleteAfter")),
            )
            # Without the flag the answer is a read like any other, and takes finished operations with it.
            single = flag(body.get("returnSingleOperation"))
            shown = [queued] if single else self._portal.read_operations(user, None, OperationType.MOVE)
            ok(req, resp, [self._shapes.operation(operation, time.monotonic()) for operation in shown])
