"""The simulator's own routes, under /simulator: faults, file states, roles, state, uploads, mails."""

from collections.abc import Callable
from typing import Any

import falcon

from simulator import faults
from simulator.api.dto import parse_id
from simulator.api.forms import json_body, upload
from simulator.control import state
from simulator.errors import BadRequestError
from simulator.faults import Faults
from simulator.gate.calls import Calls
from simulator.gate.latencies import Latencies
from simulator.mailbox.mail import Mailbox
from simulator.outgoing.webhooks import Webhooks
from simulator.portal import seed, uploads
from simulator.portal.model import File, Folder, Role, User
from simulator.portal.portal import Portal

PEOPLE = {"client": seed.CLIENT, "service": seed.SERVICE, "owner": seed.OWNER, "guest": seed.GUEST}


class FaultsResource:
    def __init__(self, in_force: Faults) -> None:
        self._faults = in_force

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = self._faults.as_json()

    def on_put(self, req: falcon.Request, resp: falcon.Response) -> None:
        self._faults.put(faults.parse(req.get_media()))
        resp.media = self._faults.as_json()

    def on_delete(self, _req: falcon.Request, resp: falcon.Response) -> None:
        self._faults.clear()
        resp.media = self._faults.as_json()


class FileStateResource:
    """Changes or deletes one file; or deletes many: `{"deleted": [id, …]}` answers with those that existed."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def on_put(self, req: falcon.Request, resp: falcon.Response, file_id: str) -> None:
        body = req.get_media()
        known = {"locked_by", "editing", "editing_shows", "denied", "deleted"}
        if not isinstance(body, dict) or not set(body) <= known:
            raise BadRequestError(f"a file's state is an object with any of {', '.join(sorted(known))}")
        with self._portal.lock:
            file = self._portal.tree.file(parse_id(file_id))
            if body.get("deleted"):
                del self._portal.tree.files[file.id]
            else:
                _change(file, body)
        resp.media = {"id": file.id, **body}

    def on_put_many(self, req: falcon.Request, resp: falcon.Response) -> None:
        body = req.get_media()
        ids = body.get("deleted") if isinstance(body, dict) else None
        if not isinstance(ids, list) or not all(isinstance(file_id, int | str) for file_id in ids):
            raise BadRequestError('many files take {"deleted": [id, …]}')
        with self._portal.lock:
            files = self._portal.tree.files
            gone = [file_id for file_id in ids if file_id in files]
            for file_id in gone:
                del files[file_id]
        resp.media = {"deleted": gone}


class RoomResource:
    """Changes a room: any of {"service": role or null, "archived": bool, "quota": bytes or null}.

    `service` is the role of the service user: "manager", "creator", "editor" or "viewer"; null: not a member.
    """

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def on_put(self, req: falcon.Request, resp: falcon.Response, room_id: str) -> None:
        body = req.get_media()
        if not isinstance(body, dict) or not body or not set(body) <= {"service", "archived", "quota"}:
            raise BadRequestError(
                'a room takes {"service": role or null, "archived": bool, "quota": bytes or null}'
            )
        with self._portal.lock:
            room = self._portal.tree.folder(parse_id(room_id))
            if "service" in body:
                _set_role(room, body["service"])
            if "archived" in body:
                self._portal.set_archived(seed.OWNER.id, room, archived=bool(body["archived"]))
            if "quota" in body:
                room.quota = int(body["quota"]) if body["quota"] is not None else None
        resp.media = {"id": room.id, **body}


def _set_role(room: Folder, name: str | None) -> None:
    roles = {None: None} | {role.name.lower(): role for role in Role if role not in {Role.ADMIN, Role.OWNER}}
    if name not in roles:
        raise BadRequestError(f"service is null or one of {', '.join(str(role) for role in roles if role)}")
    role = roles[name]
    if role is None:
        room.roles.pop(seed.SERVICE.id, None)
    else:
        room.roles[seed.SERVICE.id] = role


class StateResource:
    def __init__(
        self, portal: Portal, hooks: Webhooks, mailbox: Mailbox, calls: Calls, latencies: Latencies
    ) -> None:
        self._portal = portal
        self._hooks = hooks
        self._mailbox = mailbox
        self._calls = calls
        self._latencies = latencies

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        limit = req.get_param_as_int("limit", min_value=0)
        resp.media = state.snapshot(self._portal, self._hooks, self._mailbox, limit=limit) | {
            "calls": self._calls.as_json(),
            "routes": self._calls.routes(),
            "busy_s": self._latencies.as_json(),
        }
        resp.set_header("Cache-Control", "no-store")

    def on_delete_mails(self, _req: falcon.Request, resp: falcon.Response) -> None:
        self._mailbox.clear()
        resp.media = {"mails": 0}


class ClientUploadResource:
    """Uploads a form or the raw body as the client Jane, or as the user that `as` names."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        got = upload(req)
        folder_id = parse_id(req.get_param("folder") or got.fields.get("folder") or seed.CLIENT_ROOM)
        title = req.get_param("name") or got.fields.get("name") or got.name
        kind = req.get_param("kind") or got.fields.get("kind") or "chunked"
        user = _user(req.get_param("as") or "client")
        if kind == "simple":
            file = uploads.simple(self._portal, user, folder_id, title, got.data)
        elif kind == "chunked":
            session = uploads.open_session(self._portal, user, folder_id, title, len(got.data), create_new=False)
            uploads.add_chunk(self._portal, session, None, got.data)
            file = uploads.finish(self._portal, user, session)
        else:
            raise BadRequestError("kind is simple or chunked")
        resp.media = {
            "id": file.id, "title": file.title, "version": file.version, "folder_id": file.folder_id,
            "created": state.iso(file.created), "modified": state.iso(file.modified),
        }  # fmt: skip


class ResetResource:
    def __init__(self, reset: Callable[[], None]) -> None:
        self._reset = reset

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        json_body(req)
        self._reset()
        resp.media = {"reset": True}


class HealthResource:
    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {"status": "ok"}


def _change(file: File, body: dict[str, Any]) -> None:
    if "locked_by" in body:
        locker = body["locked_by"]
        file.locked_by = _user(locker).id if locker is not None else ""
    if "editing" in body:
        file.editing = bool(body["editing"])
    if "editing_shows" in body:
        file.editing_shows = bool(body["editing_shows"])
    if "denied" in body:
        file.denied = bool(body["denied"])


def _user(name: str) -> User:
    try:
        return PEOPLE[name]
    except (KeyError, TypeError):
        raise BadRequestError(f"a user is one of {', '.join(PEOPLE)}") from None
