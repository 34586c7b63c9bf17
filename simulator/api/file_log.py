"""What was done to a file: GET files/file/{id}/log. Files in third-party storage have no such log."""

import falcon

from simulator.api.dto import Shapes
from simulator.api.envelope import ok
from simulator.api.forms import integer
from simulator.portal import times
from simulator.portal.model import Act, File, JsonObject
from simulator.portal.portal import Portal

ACTIONS = {"FileCreated": 5000, "FileUploaded": 5011, "FileRenamed": 5001, "UserFileUpdated": 5034}
VIEWS = (
    "ImageView", "MediaView", "WebView", "WebEdit", "WebReview", "WebCustomFilterEditing",
    "WebRestrictedEditing", "WebComment", "CanConvert", "MustConvert",
)  # fmt: skip


class FileLogResource:
    def __init__(self, portal: Portal, shapes: Shapes) -> None:
        self._portal = portal
        self._shapes = shapes

    def on_get(self, req: falcon.Request, resp: falcon.Response, file_id: str) -> None:
        """The newest row comes first.

        A row's `date` is the time in UTC with the portal's offset appended, so it is wrong by the offset.
        """
        if not file_id.isdecimal():
            raise falcon.HTTPRouteNotFound
        start, count = integer(req, "startIndex", 0, low=0, high=10**9), integer(req, "count", 100, low=1, high=100)
        with self._portal.lock:
            file = self._portal.file(req.context.user, int(file_id))
            rows = [self._row(place, file, act) for place, act in enumerate(file.acts, start=1)][::-1]
        page = rows[start : start + count]
        ok(req, resp, page, count=len(page), total=len(rows))

    def _row(self, row_id: int, file: File, act: Act) -> JsonObject:
        folder = self._portal.tree.folder(file.folder_id)
        return {
            "id": row_id,
            "action": {"id": ACTIONS[act.key], "key": act.key},
            "initiator": self._shapes.person(act.user_id),
            "date": times.glued(act.at, self._shapes.offset),
            "data": {
                "accessibility": dict.fromkeys(VIEWS, False),
                "viewUrl": f"{self._shapes.public_url}/filehandler.ashx?action=download&fileid={file.id}",
                "title": file.title,
                "parentTitle": folder.title,
                "parentId": folder.id,
                "parentType": int(folder.type),
                "id": file.id,
            },
            "related": [],
        }
