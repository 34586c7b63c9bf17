"""Who is calling and with which key: people/@self, keys/@self, keys/permissions."""

import uuid
from datetime import datetime

import falcon

from simulator.dto import date, person
from simulator.envelope import ok

PERMISSIONS = [
    "files:read", "files:write", "rooms:read", "rooms:write", "accounts:read", "accounts:write",
    "accounts.self:read", "accounts.self:write",
]  # fmt: skip


class SelfResource:
    def __init__(self, started: datetime) -> None:
        self._started = started

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        user = req.context.user
        first, _, last = user.display_name.partition(" ")
        ok(req, resp, {
            **person(user.id), "firstName": first, "lastName": last, "userName": user.email.split("@")[0],
            "email": user.email, "status": 1, "activationStatus": 1, "isAdmin": user.is_admin,
            "isRoomAdmin": True, "isOwner": user.is_admin, "isVisitor": False, "isCollaborator": False,
            "cultureName": "en-GB", "registrationDate": date(self._started),
        })  # fmt: skip

    def on_get_key(self, req: falcon.Request, resp: falcon.Response) -> None:
        user, key = req.context.user, (req.auth or "")[-4:]
        ok(req, resp, {
            "id": str(uuid.uuid5(uuid.NAMESPACE_OID, user.id)), "name": user.display_name, "key": "",
            "keyPostfix": key, "permissions": list(req.context.permissions), "lastUsed": date(self._started),
            "createOn": date(self._started), "createBy": person(user.id), "expiresAt": None, "isActive": True,
        })  # fmt: skip

    def on_get_permissions(self, req: falcon.Request, resp: falcon.Response) -> None:
        ok(req, resp, PERMISSIONS)
