"""Who calls, with which key, and the portal's state: people/@self, keys/@self, settings."""

import uuid
from collections.abc import Callable
from datetime import datetime

import falcon

from simulator.api.dto import Shapes
from simulator.api.envelope import ok
from simulator.errors import NotFoundError
from simulator.portal import people, seed, times
from simulator.portal.model import JsonObject
from simulator.portal.moods import STATES, Moods

PERMISSIONS = [
    "files:read", "files:write", "rooms:read", "rooms:write", "accounts:read", "accounts:write",
    "accounts.self:read", "accounts.self:write",
]  # fmt: skip
HOUR_S = 3600


class SelfResource:
    def __init__(self, shapes: Shapes, moods: Moods, now: Callable[[], datetime]) -> None:
        self._shapes = shapes
        self._moods = moods
        self._now = now
        self._started = now()
        self._used: dict[str, datetime] = {}

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        registered = times.glued(self._started, self._moods.now.offset)
        ok(req, resp, people.profile(req.context.user, self._shapes.public_url, registered))

    def on_get_other(self, req: falcon.Request, resp: falcon.Response, user_id: str) -> None:
        user = seed.USERS.get(user_id)
        if user is None or user is seed.REMOVED:
            raise NotFoundError("The user could not be found")
        registered = times.glued(self._started, self._moods.now.offset)
        shown = people.profile(user, self._shapes.public_url, registered)
        ok(req, resp, {name: value for name, value in shown.items() if name not in {"theme", "loginEventId"}})

    def on_get_key(self, req: falcon.Request, resp: falcon.Response) -> None:
        """`permissions` is empty if the key has no limits. `lastUsed` is absent before the first use."""
        user, postfix = req.context.user, req.context.key[-4:]
        last = self._used.get(req.context.key)
        self._used[req.context.key] = self._now()
        ok(req, resp, {
            "id": str(uuid.uuid5(uuid.NAMESPACE_OID, req.context.key)), "name": user.display_name.lower(),
            "key": f"sk-***{postfix}", "keyPostfix": postfix, "permissions": list(req.context.permissions),
            **({"lastUsed": self._shapes.moment(last)} if last else {}),
            "createOn": self._shapes.moment(self._started), "createBy": self._shapes.person(user.id),
            "isActive": True,
        })  # fmt: skip

    def on_get_permissions(self, req: falcon.Request, resp: falcon.Response) -> None:
        ok(req, resp, PERMISSIONS)


class SettingsResource:
    """Answers without a key, in every state of the portal, and says which state it is."""

    def __init__(self, moods: Moods) -> None:
        self._moods = moods

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        mood = self._moods.now
        hours = mood.offset.total_seconds() / HOUR_S
        sign = "-" if hours < 0 else ""
        ok(req, resp, {
            "trustedDomainsType": 0, "culture": "en-US", "utcOffset": f"{sign}{mood.timezone[1:]}:00",
            "utcHoursOffset": int(hours) if hours == int(hours) else hours, "greetingSettings": "Web Office",
            "ownerId": "00000000-0000-0000-0000-000000000000", "enabledJoin": False, "enableAdmMess": False,
            "thirdpartyEnable": False, "docSpace": True, "standalone": False, "isAmi": False, "baseDomain": "",
            "passwordHash": {"size": 256, "iterations": 100000, "salt": "0" * 64}, "version": "3.1.0",
            "recaptchaType": 0, "recaptchaPublicKey": "", "debugInfo": False,
            "tenantStatus": int(STATES[mood.state]), "tenantAlias": "localhost",
            **_REST,
        })  # fmt: skip


_REST: JsonObject = {
    "displayAbout": True, "cookieSettingsEnabled": False, "limitedAccessSpace": False,
    "limitedAccessDevToolsForUsers": False, "displayBanners": False, "aiEnabled": False,
    "userNameRegex": r"^[\p{L}\p{M}' \-]+$",
    "deepLink": {
        "androidPackageName": "com.onlyoffice.documents", "url": "oodocuments://openfile",
        "iosPackageId": "944896972",
    },
    "maxImageUploadSize": 0, "logoText": "ONLYOFFICE", "externalResources": "…", "defaultFolderType": 0,
    "externalDbEnabled": False,
}  # fmt: skip
