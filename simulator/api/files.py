"""Files and folders over REST, under /api/2.0/files."""

import falcon

from simulator.api.dto import Shapes, parse_id
from simulator.api.envelope import ok
from simulator.api.forms import flag, json_body
from simulator.api.listing import contents, rooms_section
from simulator.errors import BadRequestError, ForbiddenError, NobodyError, ValidationError
from simulator.portal import edits, titles
from simulator.portal.portal import NO_FILE, NO_FOLDER, Portal


class FileResource:
    def __init__(self, portal: Portal, shapes: Shapes) -> None:
        self._portal = portal
        self._shapes = shapes

    def on_get(self, req: falcon.Request, resp: falcon.Response, file_id: str) -> None:
        user = req.context.user
        with self._portal.lock:
            if user is None:  # nobody learns whether a file is there
                self._portal.tree.file(parse_id(file_id))
                raise ForbiddenError(NO_FILE)
            file = self._portal.file(user, parse_id(file_id))
            ok(req, resp, self._shapes.file(user.id, file, alone=True))

    def on_put(self, req: falcon.Request, resp: falcon.Response, file_id: str) -> None:
        title = str(json_body(req).get("title") or "")
        titles.check_length(title, "File.Title")
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
            ok(req, resp, [self._shapes.operation(operation)])

    def on_put_lock(self, req: falcon.Request, resp: falcon.Response, file_id: str) -> None:
        locked = flag(json_body(req).get("lockFile"))
        with self._portal.lock:
            file = edits.set_lock(self._portal, req.context.user, parse_id(file_id), locked=locked)
            ok(req, resp, self._shapes.file(req.context.user.id, file))

    def on_put_comment(self, req: falcon.Request, resp: falcon.Response, file_id: str) -> None:
        """Answers with the text as it was sent, even if the portal cut it."""
        body = json_body(req)
        if "version" not in body:
            raise ValidationError(**{"$": "JSON deserialization was missing required properties: version."})
        text = str(body.get("comment") or "")
        edits.comment(self._portal, req.context.user, parse_id(file_id), body["version"], text)
        ok(req, resp, text)


class FolderResource:
    def __init__(self, portal: Portal, shapes: Shapes) -> None:
        self._portal = portal
        self._shapes = shapes

    def on_get(self, req: falcon.Request, resp: falcon.Response, folder_id: str) -> None:
        if req.context.user is None:
            raise NobodyError
        with self._portal.lock:
            folder = self._portal.folder(req.context.user, parse_id(folder_id))
            ok(req, resp, self._shapes.folder(req.context.user.id, folder, alone=True))

    def on_post(self, req: falcon.Request, resp: falcon.Response, folder_id: str) -> None:
        title = str(json_body(req).get("title") or "")
        with self._portal.lock:
            folder = self._portal.create_folder(req.context.user, parse_id(folder_id), title)
            ok(req, resp, self._shapes.folder(req.context.user.id, folder))

    def on_put(self, req: falcon.Request, resp: falcon.Response, folder_id: str) -> None:
        title = str(json_body(req).get("title") or "")
        with self._portal.lock:
            folder = edits.rename_folder(self._portal, req.context.user, parse_id(folder_id), title)
            ok(req, resp, self._shapes.folder(req.context.user.id, folder))

    def on_delete(self, req: falcon.Request, resp: falcon.Response, folder_id: str) -> None:
        body = json_body(req)
        with self._portal.lock:
            operation = self._portal.delete_folder(
                req.context.user,
                parse_id(folder_id),
                hold=not flag(body.get("deleteAfter")),
                immediately=flag(body.get("immediately")),
            )
            ok(req, resp, [self._shapes.operation(operation)])

    def on_get_path(self, req: falcon.Request, resp: falcon.Response, folder_id: str) -> None:
        user = req.context.user
        with self._portal.lock:
            folder = self._portal.folder(user, parse_id(folder_id))
            ok(req, resp, [self._shapes.folder(user.id, step) for step in self._portal.tree.path(folder.id)])

    def on_get_contents(self, req: falcon.Request, resp: falcon.Response, folder_id: str) -> None:
        with self._portal.lock:
            if req.context.user is None:
                raise ForbiddenError(NO_FOLDER)
            folder = self._portal.folder(req.context.user, parse_id(folder_id))
            listing = contents(self._portal, self._shapes, req, folder)
            ok(req, resp, listing)


class RoomsResource:
    def __init__(self, portal: Portal, shapes: Shapes) -> None:
        self._portal = portal
        self._shapes = shapes

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        with self._portal.lock:
            section = self._portal.folder(req.context.user, rooms_section(req))
            ok(req, resp, contents(self._portal, self._shapes, req, section, rooms=True))

    def on_get_one(self, req: falcon.Request, resp: falcon.Response, room_id: str) -> None:
        if req.context.user is None:
            raise NobodyError
        with self._portal.lock:
            room = self._portal.folder(req.context.user, parse_id(room_id))
            ok(req, resp, self._shapes.folder(req.context.user.id, room, alone=True))

    def on_put_one(self, req: falcon.Request, resp: falcon.Response, room_id: str) -> None:
        """`tags` replace all tags of the room. What the request does not name stays."""
        body = json_body(req)
        with self._portal.lock:
            room = self._portal.folder(req.context.user, parse_id(room_id))
            title = str(body.get("title") or ("" if "title" in body else room.title))
            room = edits.rename_folder(self._portal, req.context.user, room.id, title)
            if isinstance(body.get("tags"), list):
                room.tags = [str(tag) for tag in body["tags"]]
            ok(req, resp, self._shapes.folder(req.context.user.id, room, alone=True))

    def on_delete_one(self, req: falcon.Request, resp: falcon.Response, room_id: str) -> None:
        """Deletes an active room too. Answers with the operation itself, as for the archive."""
        hold = not flag(json_body(req).get("deleteAfter"))
        with self._portal.lock:
            operation = self._portal.delete_folder(req.context.user, parse_id(room_id), hold=hold, immediately=True)
            ok(req, resp, self._shapes.operation(operation))

    def on_put_archive(self, req: falcon.Request, resp: falcon.Response, room_id: str) -> None:
        self._archive(req, resp, room_id, archived=True)

    def on_put_unarchive(self, req: falcon.Request, resp: falcon.Response, room_id: str) -> None:
        self._archive(req, resp, room_id, archived=False)

    def _archive(self, req: falcon.Request, resp: falcon.Response, room_id: str, *, archived: bool) -> None:
        """Answers with the operation itself; other routes answer with a list of one."""
        hold = not flag(json_body(req).get("deleteAfter"))
        with self._portal.lock:
            room = self._portal.folder(req.context.user, parse_id(room_id))
            operation = self._portal.operations.archive(req.context.user, room, hold=hold, archived=archived)
            ok(req, resp, self._shapes.operation(operation))

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        body = json_body(req)
        try:
            room_type = int(body.get("roomType") or 5)
        except (TypeError, ValueError):
            raise BadRequestError("roomType") from None
        tags = [str(tag) for tag in body.get("tags") or []]
        with self._portal.lock:
            room = self._portal.create_room(req.context.user, str(body.get("title") or ""), room_type, tags)
            ok(req, resp, self._shapes.folder(req.context.user.id, room, alone=True))
