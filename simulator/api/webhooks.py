"""Lists, makes, changes and deletes webhooks, under /api/2.0/settings."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import falcon

from simulator.api import webhook_requests
from simulator.api.dto import Shapes
from simulator.api.envelope import ok
from simulator.api.forms import flag, json_body
from simulator.errors import BadRequestError, DeniedError, NotFoundError
from simulator.gate.calling import check_head
from simulator.outgoing import triggers
from simulator.outgoing.webhook_model import Webhook
from simulator.outgoing.webhooks import GONE, Webhooks
from simulator.portal import seed, times
from simulator.portal.model import JsonObject, User


class WebhooksResource:
    def __init__(self, hooks: Webhooks, shapes: Shapes) -> None:
        self._hooks = hooks
        self._shapes = shapes

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The webhooks are in no defined order."""
        with self._hooks.lock:
            own = [hook for hook in self._hooks.by_id.values() if may_see(req.context.user, hook.owner_id)]
            own.sort(key=lambda hook: hook.id * 7 % 10)
            shown = [{"configs": self._shape(hook), "status": self._hooks.status(hook.id)} for hook in own]
        ok(req, resp, shown)

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The webhook is stored enabled and with SSL verification, whatever the request says."""
        body = json_body(req)
        asked = webhook_requests.read(body)
        webhook_requests.check_triggers(asked.triggers, req.context.user)
        if body.get("secretKey") is None:
            raise BadRequestError(webhook_requests.NO_SECRET)
        webhook_requests.check_secret(asked.secret)
        webhook_requests.check_address(asked.uri, ssl=asked.ssl)
        check_head(asked.uri, verify=asked.ssl)
        hook = self._hooks.add(
            req.context.user.id, asked.name, asked.uri, asked.secret, asked.triggers,
            enabled=True, ssl=True, target_id=asked.target_id,
        )  # fmt: skip
        ok(req, resp, self._shape(hook))

    def on_put(self, req: falcon.Request, resp: falcon.Response) -> None:
        """If the secret is missing or empty, the old one stays. Whether the webhook exists is checked last."""
        body = json_body(req)
        asked, user = webhook_requests.read(body), req.context.user
        webhook_requests.check_triggers(asked.triggers, user)
        if asked.secret:
            webhook_requests.check_secret(asked.secret)
        webhook_requests.check_address(asked.uri, ssl=asked.ssl)
        check_head(asked.uri, verify=asked.ssl)
        old = self._own(user, body.get("id"))
        changed = replace(
            self._hooks.get(old.id), name=asked.name, uri=asked.uri, secret=asked.secret or old.secret,
            triggers=asked.triggers, enabled=asked.enabled, ssl=asked.ssl, target_id=asked.target_id,
        )  # fmt: skip
        ok(req, resp, self._shape(self._hooks.put(changed, user.id)))

    def on_put_enable(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The name and the address must be there, but they are not checked."""
        body = json_body(req)
        webhook_requests.read(body)
        hook, enabled = self._own(req.context.user, body.get("id")), flag(body.get("enabled"))
        if enabled:
            webhook_requests.check_triggers(hook.triggers, req.context.user)
            webhook_requests.check_address(hook.uri, ssl=hook.ssl)
            check_head(hook.uri, verify=hook.ssl)
        changed = replace(self._hooks.get(hook.id), enabled=enabled)
        ok(req, resp, self._shape(self._hooks.put(changed, req.context.user.id)))

    def on_delete_one(self, req: falcon.Request, resp: falcon.Response, row_id: int) -> None:
        ok(req, resp, self._shape(self._hooks.remove(self._own(req.context.user, row_id).id)))

    def on_get_triggers(self, req: falcon.Request, resp: falcon.Response) -> None:
        bits = {"*": triggers.ALL} | triggers.BITS
        full = req.context.user.is_room_admin
        shown = [
            {"name": name, "id": bits[name], "available": full or name not in triggers.RESERVED}
            for name in triggers.SHOWN
        ]
        ok(req, resp, shown, count=len(shown))

    def _own(self, user: User, webhook_id: Any) -> Webhook:
        try:
            hook = self._hooks.get(int(webhook_id))
        except (TypeError, ValueError):
            raise NotFoundError(GONE) from None
        if not may_see(user, hook.owner_id):
            raise DeniedError
        return hook

    def _shape(self, hook: Webhook) -> JsonObject:
        """The webhook without its secret, which cannot be read back."""
        shown = {
            "id": hook.id,
            "name": hook.name,
            "uri": hook.uri,
            "enabled": hook.enabled,
            "ssl": hook.ssl,
            "triggers": hook.triggers,
            "targetId": hook.target_id,
            "createdBy": self._person(hook.owner_id),
            "createdOn": self._moment(hook.created),
            "modifiedBy": self._person(hook.modified_by) if hook.modified_by else None,
            "modifiedOn": self._moment(hook.modified),
            "lastFailureOn": self._moment(hook.last_failure_on),
            "lastFailureContent": hook.last_failure_content or None,
            "lastSuccessOn": self._moment(hook.last_success_on),
        }
        return {name: value for name, value in shown.items() if value is not None}

    def _person(self, user_id: str) -> JsonObject:
        """A webhook stays after its owner was deleted; then it shows a removed profile."""
        return self._shapes.person(seed.REMOVED.id if user_id in self._shapes.portal.removed else user_id)

    def _moment(self, moment: datetime | None) -> str | None:
        return times.configured(moment, self._shapes.offset) if moment is not None else None


def may_see(user: User, owner_id: str) -> bool:
    return user.is_admin or owner_id == user.id
