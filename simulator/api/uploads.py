"""Uploads over REST: the simple routes and the chunked sessions."""

from datetime import timedelta

import falcon

from simulator.api.dto import Shapes, parse_id
from simulator.api.envelope import created, ok
from simulator.api.forms import Upload, flag, json_body, upload
from simulator.errors import BadRequestError
from simulator.portal import uploads
from simulator.portal.model import File, JsonObject, UploadSession, User
from simulator.portal.portal import Portal

SESSION_LIFE = timedelta(hours=12)


class UploadResource:
    def __init__(self, portal: Portal, shapes: Shapes) -> None:
        self._portal = portal
        self._shapes = shapes

    def on_post(self, req: falcon.Request, resp: falcon.Response, folder_id: str) -> None:
        got = upload(req)
        ok(req, resp, [self._store(req, folder_id, got, got.name)])

    def on_post_insert(self, req: falcon.Request, resp: falcon.Response, folder_id: str) -> None:
        got = upload(req)
        title = next((value for name, value in got.fields.items() if name.rpartition(".")[2] == "title"), None)
        if title is None:
            raise BadRequestError("Value cannot be null. (Parameter 'title')")
        ok(req, resp, self._store(req, folder_id, got, title))

    def on_post_text(self, req: falcon.Request, resp: falcon.Response, folder_id: str) -> None:
        body, user = json_body(req), req.context.user
        title, content = str(body.get("title") or ""), str(body.get("content") or "")
        with self._portal.lock:
            file = uploads.text(self._portal, user, parse_id(folder_id), title, content)
            ok(req, resp, self._shapes.file(user.id, file))

    def _store(self, req: falcon.Request, folder_id: str, got: Upload, title: str) -> JsonObject:
        """If the title is taken, only a parameter of the query can ask for another title."""
        user, new = req.context.user, flag(req.get_param("createNewIfExist"))
        with self._portal.lock:
            file = uploads.simple(self._portal, user, parse_id(folder_id), title, got.data, create_new=new)
            return self._shapes.file(user.id, file)


class SessionResource:
    """`upload/create_session` wraps its answer in `{success, data}`; `session` does not."""

    def __init__(self, portal: Portal, shapes: Shapes) -> None:
        self._portal = portal
        self._shapes = shapes

    def on_post_create(self, req: falcon.Request, resp: falcon.Response, folder_id: str) -> None:
        ok(req, resp, {"success": True, "data": self._session(self._open(req, folder_id))})

    def on_post_open(self, req: falcon.Request, resp: falcon.Response, folder_id: str) -> None:
        ok(req, resp, self._session(self._open(req, folder_id)))

    def on_post(self, req: falcon.Request, resp: falcon.Response, folder_id: str, session_id: str) -> None:
        """Take one chunk. Once the announced size has arrived, the file is made."""
        session = uploads.session_of(self._portal, req.context.user, session_id)
        complete = uploads.add_chunk(self._portal, session, None, upload(req).data)
        if complete:
            self._finish(req, resp, session)
        else:
            ok(req, resp, {"folderId": parse_id(folder_id), "title": session.title, "uploaded": False})

    def on_post_chunk(self, req: falcon.Request, resp: falcon.Response, folder_id: str, session_id: str) -> None:
        """Take chunks by number, in any order. `finalize` makes the file."""
        del folder_id
        session = uploads.session_of(self._portal, req.context.user, session_id)
        uploads.add_chunk(self._portal, session, req.get_param_as_int("chunkNumber"), upload(req).data)
        ok(req, resp, self._session(session))

    def on_put_finalize(self, req: falcon.Request, resp: falcon.Response, folder_id: str, session_id: str) -> None:
        del folder_id
        self._finish(req, resp, uploads.session_of(self._portal, req.context.user, session_id))

    def on_delete(self, req: falcon.Request, resp: falcon.Response, folder_id: str, session_id: str) -> None:
        del folder_id
        uploads.abort(self._portal, req.context.user, session_id)
        ok(req, resp, None)

    def _open(self, req: falcon.Request, folder_id: str) -> UploadSession:
        body, user = json_body(req), req.context.user
        return uploads.open_session(
            self._portal,
            user,
            parse_id(folder_id),
            str(body.get("fileName") or ""),
            int(body.get("fileSize") or 0),
            create_new=flag(body.get("createNewIfExist")),
        )

    def _finish(self, req: falcon.Request, resp: falcon.Response, session: UploadSession) -> None:
        user: User = req.context.user
        with self._portal.lock:
            created(req, resp, self._uploaded(user, uploads.finish(self._portal, user, session)))

    def _uploaded(self, user: User, file: File) -> JsonObject:
        return {
            "id": file.id, "folderId": file.folder_id, "version": file.version, "title": file.title,
            "providerKey": "", "uploaded": True, "file": self._shapes.file(user.id, file),
        }  # fmt: skip

    def _session(self, session: UploadSession) -> JsonObject:
        path = [folder.id for folder in self._portal.tree.path(session.folder_id)]
        location = f"{self._shapes.public_url}/api/2.0/files/{session.folder_id}/session/{session.id}"
        return {
            "id": session.id, "path": path, "created": self._shapes.moment(session.created),
            "expired": self._shapes.moment(session.created + SESSION_LIFE),
            "location": location, "bytes_total": session.size,
        }  # fmt: skip
