"""Managing webhooks over REST, under /api/2.0/settings."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import falcon

from simulator import triggers, webhooks
from simulator.dto import person
from simulator.envelope import ok
from simulator.errors import BadRequestError, DeniedError
from simulator.forms import flag, integer, json_body
from simulator.model import JsonObject, User
from simulator.payload import utc
from simulator.sender import answers_head
from simulator.webhooks import LogRow, Webhook, Webhooks


def shape(hook: Webhook) -> JsonObject:
    """Everything but the secret, which cannot be read back."""
    return {
        "id": hook.id, "name": hook.name, "uri": hook.uri, "enabled": hook.enabled, "ssl": hook.ssl,
        "triggers": hook.triggers, "targetId": hook.target_id or None,
        "createdBy": person(hook.owner_id), "createdOn": utc(hook.created),
        "modifiedBy": person(hook.owner_id), "modifiedOn": utc(hook.modified),
        "lastFailureOn": utc(hook.last_failure_on), "lastFailureContent": hook.last_failure_content or None,
        "lastSuccessOn": utc(hook.last_success_on),
    }  # fmt: skip


def log_shape(row: LogRow) -> JsonObject:
    return {
        "id": row.id, "configName": row.webhook_name, "trigger": triggers.BITS[row.event.trigger],
        "creationTime": utc(row.created), "method": "POST", "route": row.uri,
        "requestHeaders": row.request_headers, "requestPayload": row.request_payload,
        "responseHeaders": row.response_headers, "responsePayload": row.response_payload,
        "status": row.status, "delivery": utc(row.delivery),
    }  # fmt: skip


class WebhooksResource:
    def __init__(self, hooks: Webhooks) -> None:
        self._hooks = hooks

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        with self._hooks.lock:
            own = [hook for hook in self._hooks.by_id.values() if _may(req.context.user, hook)]
        ok(req, resp, [{"configs": shape(hook), "status": hook.status} for hook in own])

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        body = json_body(req)
        name, uri, secret = (str(body.get(key) or "") for key in ("name", "uri", "secretKey"))
        webhooks.check(name, uri, secret)
        _check_answers(uri)
        hook = self._hooks.add(
            req.context.user.id, name, uri, secret, int(body.get("triggers") or 0),
            enabled=flag(body.get("enabled")), ssl=flag(body.get("ssl")),
            target_id=str(body.get("targetId") or ""),
        )  # fmt: skip
        ok(req, resp, shape(hook))

    def on_put(self, req: falcon.Request, resp: falcon.Response) -> None:
        body = json_body(req)
        old = self._own(req, body.get("id"))
        name, uri = str(body.get("name") or ""), str(body.get("uri") or "")
        secret = str(body.get("secretKey") or "") or None
        webhooks.check(name, uri, secret)
        _check_answers(uri)
        changed = replace(
            self._hooks.get(old.id), name=name, uri=uri, secret=secret or old.secret,
            triggers=int(body.get("triggers") or 0), enabled=flag(body.get("enabled")),
            ssl=flag(body.get("ssl")), target_id=str(body.get("targetId") or ""),
        )  # fmt: skip
        ok(req, resp, shape(self._hooks.put(changed)))

    def on_put_enable(self, req: falcon.Request, resp: falcon.Response) -> None:
        body = json_body(req)
        hook, enabled = self._own(req, body.get("id")), flag(body.get("enabled"))
        if enabled:
            _check_answers(hook.uri)
        ok(req, resp, shape(self._hooks.put(replace(self._hooks.get(hook.id), enabled=enabled))))

    def on_delete_one(self, req: falcon.Request, resp: falcon.Response, row_id: int) -> None:
        ok(req, resp, shape(self._hooks.remove(self._own(req, row_id).id)))

    def on_get_triggers(self, req: falcon.Request, resp: falcon.Response) -> None:
        every = {"*": triggers.ALL} | triggers.BITS
        ok(req, resp, [{"name": name, "id": bit, "available": True} for name, bit in every.items()])

    def _own(self, req: falcon.Request, webhook_id: Any) -> Webhook:
        try:
            hook = self._hooks.get(int(webhook_id))
        except (TypeError, ValueError):
            raise BadRequestError("id") from None
        if not _may(req.context.user, hook):
            raise DeniedError
        return hook


class WebhookLogResource:
    def __init__(self, hooks: Webhooks) -> None:
        self._hooks = hooks

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Newest first. deliveryFrom and deliveryTo drop failures, which have no delivery time."""
        start = integer(req, "startIndex", 0, low=0, high=10**9)
        count = integer(req, "count", 100, low=1, high=100)
        with self._hooks.lock:
            rows = [row for row in reversed(self._hooks.log.values()) if _wanted(req, row)]
            ok(req, resp, [log_shape(row) for row in rows[start : start + count]], total=len(rows))

    def on_put_one(self, req: falcon.Request, resp: falcon.Response, row_id: int) -> None:
        ok(req, resp, log_shape(self._hooks.retry(row_id)))

    def on_put_many(self, req: falcon.Request, resp: falcon.Response) -> None:
        ids = json_body(req).get("ids") or []
        ok(req, resp, [log_shape(self._hooks.retry(int(log_id))) for log_id in ids])


def _may(user: User, hook: Webhook) -> bool:
    return user.is_admin or hook.owner_id == user.id


def _check_answers(uri: str) -> None:
    if not answers_head(uri):
        raise BadRequestError("The webhook url does not answer a HEAD request")


def _wanted(req: falcon.Request, row: LogRow) -> bool:
    exact = {
        "configId": str(row.webhook_id), "eventId": str(row.id), "hookUri": row.uri,
        "trigger": str(triggers.BITS[row.event.trigger]),
    }  # fmt: skip
    if any(req.get_param(name) not in {None, value} for name, value in exact.items()):
        return False
    group = int(req.get_param("groupStatus") or 0)
    if group and not group & _group(row.status):
        return False
    first, last = req.get_param("deliveryFrom"), req.get_param("deliveryTo")
    if first is None and last is None:
        return True
    if row.delivery is None:
        return False
    after = first is None or row.delivery >= _moment(first, row.delivery)
    return after and (last is None or row.delivery <= _moment(last, row.delivery))


def _group(status: int) -> int:
    """Not sent 1, 2xx 2, 3xx 4, 4xx 8, 5xx 16."""
    return 1 if status == 0 else 1 << (status // 100 - 1)


def _moment(text: str, like: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise BadRequestError(f"The value '{text}' is not a date.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=like.tzinfo)
