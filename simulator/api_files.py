"""Files and folders over REST, under /api/2.0/files."""

import time

import falcon

from simulator import seed
from simulator.dto import Shapes, parse_id
from simulator.envelope import ok
from simulator.errors import BadRequestError
from simulator.forms import flag, json_body
from simulator.listing import contents
from simulator.portal import Portal


class FileResource:
    def __init__(self, portal: Portal, shapes: Shapes) -> None:
        self._portal = portal
        self._shapes = shapes

    def on_get(self, req: falcon.Request, resp: falcon.Response, file_id: str) -> None:
        with self._portal.lock:
            file = self._portal.file(req.context.user, parse_id(file_id))
            ok(req, resp, self._shapes.file(req.context.user.id, file))

    def on_put(self, req: falcon.Request, resp: falcon.Response, file_id: str) -> None:
        title = str(json_body(req).get("title") or "").strip()
        if not title:
            raise BadRequestError("title")
        with self._portal.lock:
            file = self._portal.rename(req.context.user, parse_id(file_id), title)
            ok(req, resp, self._shapes.file(req.context.user.id, file))

    def on_delete(self, req: falcon.Request, resp: falcon.Response, file_id: str) -> None:
        body = json_body(req)
        with self._portal.lock:
            operation = self._portal.delete(
                req.context.user,
                parse_id(file_id),
                hold=not flag(body.get("deleteAfter")),
                immediately=flag(body.get("immediately")),
            )
            ok(req, resp, [self._shapes.operation(operation, time.monotonic())])

    def on_put_lock(self, req: falcon.Request, resp: falcon.Response, file_id: str) -> None:
        locked = flag(json_body(req).get("lockFile"))
        with self._portal.lock:
            file = self._portal.set_lock(req.context.user, parse_id(file_id), locked=locked)
            ok(req, resp, self._shapes.file(req.context.user.id, file))


class FolderResource:
    def __init__(self, portal: Portal, shapes: Shapes) -> None:
        self._portal = portal
        self._shapes = shapes

    def on_get(self, req: falcon.Request, resp: falcon.Response, folder_id: str) -> None:
        with self._portal.lock:
            folder = self._portal.folder(req.context.user, parse_id(folder_id))
            ok(req, resp, self._shapes.folder(req.context.user.id, folder))

    def on_post(self, req: falcon.Request, resp: falcon.Response, folder_id: str) -> None:
        title = str(json_body(req).get("title") or "")
        with self._portal.lock:
            folder = self._portal.create_folder(req.context.user, parse_id(folder_id), title)
            ok(req, resp, self._shapes.folder(req.context.user.id, folder))

    def on_get_path(self, req: falcon.Request, resp: falcon.Response, folder_id: str) -> None:
        user = req.context.user
        with self._portal.lock:
            folder = self._portal.folder(user, parse_id(folder_id))
            ok(req, resp, [self._shapes.folder(user.id, step) for step in self._portal.tree.path(folder.id)])

    def on_get_contents(self, req: falcon.Request, resp: falcon.Response, folder_id: str) -> None:
        with self._portal.lock:
            folder = self._portal.folder(req.context.user, parse_id(folder_id))
            listing = contents(self._portal, self._shapes, req, folder, below=req.get_param("withSubFolders"))
            ok(req, resp, listing, total=listing["total"])


class RoomsResource:
    def __init__(self, portal: Portal, shapes: Shapes) -> None:
        self._portal = portal
        self._shapes = shapes

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        with self._portal.lock:
            section = self._portal.folder(req.context.user, seed.ROOMS)
            listing = contents(self._portal, self._shapes, req, section, below="false")
            ok(req, resp, listing, total=listing["total"])

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        body = json_body(req)
        try:
            room_type = int(body.get("roomType") or seed.CUSTOM_ROOM)
        except (TypeError, ValueError):
            raise BadRequestError("roomType") from None
        tags = [str(tag) for tag in body.get("tags") or []]
        with self._portal.lock:
            room = self._portal.create_room(req.context.user, str(body.get("title") or ""), room_type, tags)
            ok(req, resp, self._shapes.folder(req.context.user.id, room))
