"""Reads the webhook log, and sends a row of it again, under /api/2.0/settings."""

from datetime import datetime

import falcon

from simulator.api.dto import Shapes
from simulator.api.envelope import ok
from simulator.api.forms import integer, json_body
from simulator.api.webhooks import may_see
from simulator.errors import BadRequestError, BrokenError, DeniedError, PortalError, ValidationError
from simulator.outgoing import triggers
from simulator.outgoing.webhook_model import LogRow
from simulator.outgoing.webhooks import Webhooks
from simulator.portal import times
from simulator.portal.model import JsonObject, User

GROUPS = {"notsent": 1, "status2xx": 2, "status3xx": 4, "status4xx": 8, "status5xx": 16}


class WebhookLogResource:
    def __init__(self, hooks: Webhooks, shapes: Shapes) -> None:
        self._hooks = hooks
        self._shapes = shapes

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """The newest row first. `deliveryFrom` and `deliveryTo` leave out failures, which have no delivery time.

        `userId` is a webhook's owner. It only works for an administrator.
        """
        start = integer(req, "startIndex", 0, low=0, high=10**9)
        count = integer(req, "count", 100, low=1, high=100)
        trigger, group = _trigger(req), _group_asked(req)
        with self._hooks.lock:
            hooks = self._hooks.by_id
            rows = [
                row
                for row in reversed(self._hooks.log.values())
                if may_see(req.context.user, row.owner_id)
                and _wanted(req, row, hooks[row.to.id].uri, trigger, group)
            ]
            page = [self._shape(row, config=hooks[row.to.id].name) for row in rows[start : start + count]]
        ok(req, resp, page, total=len(rows))

    def on_put_one(self, req: falcon.Request, resp: falcon.Response, row_id: int) -> None:
        if row_id == 0:
            raise BadRequestError("Id")
        ok(req, resp, self._again(self._own(req.context.user, row_id)))

    def on_put_many(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Ids that are unknown or belong to others are ignored."""
        ids = json_body(req).get("ids")
        if ids is None:
            text = "Object reference not set to an instance of an object."
            raise BrokenError(text, "System.NullReferenceException", -2147467261)
        shown = []
        for log_id in ids:
            try:
                shown.append(self._again(self._own(req.context.user, int(log_id))))
            except PortalError:
                continue
        ok(req, resp, shown)

    def _own(self, user: User, log_id: int) -> LogRow:
        row = self._hooks.row(log_id)
        if not may_see(user, row.owner_id):
            raise DeniedError
        return row

    def _again(self, row: LogRow) -> JsonObject:
        """Answers with the body that was sent before, with the old event.id."""
        new = self._hooks.retry(row.id)
        return {
            "id": new.id,
            "trigger": triggers.BITS[row.event.trigger],
            "creationTime": self._moment(new.created),
            "requestPayload": new.request_payload,
            "status": 0,
        }

    def _shape(self, row: LogRow, *, config: str) -> JsonObject:
        return {
            "id": row.id,
            "configName": config,
            "trigger": triggers.BITS[row.event.trigger],
            "creationTime": self._moment(row.created),
            **({"requestHeaders": row.request_headers} if row.request_headers else {}),
            "requestPayload": row.request_payload,
            **({"responseHeaders": row.response_headers} if row.response_headers else {}),
            **({"responsePayload": row.response_payload} if row.response_payload else {}),
            "status": row.status,
            **({"delivery": self._moment(row.delivery)} if row.delivery else {}),
        }

    def _moment(self, moment: datetime) -> str:
        return times.logged(moment, self._shapes.offset)


def _wanted(req: falcon.Request, row: LogRow, uri: str, trigger: int | None, group: int) -> bool:
    """`uri` is the address that the webhook has now."""
    exact = {"configId": str(row.to.id), "eventId": str(row.id), "hookUri": uri}
    if req.context.user.is_admin:
        exact["userId"] = row.owner_id
    if any(req.get_param(name) not in {None, value} for name, value in exact.items()):
        return False
    if trigger is not None and trigger != triggers.BITS[row.event.trigger]:
        return False
    if group and not group & _group(row.status):
        return False
    first, last = req.get_param("deliveryFrom"), req.get_param("deliveryTo")
    if first is None and last is None:
        return True
    if row.delivery is None:
        return False
    after = first is None or row.delivery >= _moment(first, row.delivery)
    return after and (last is None or row.delivery <= _moment(last, row.delivery))


def _trigger(req: falcon.Request) -> int | None:
    """The trigger by its number, or by its name in the portal's code."""
    text = req.get_param("trigger")
    if text is None or text.isdecimal():
        return int(text) if text else None
    named = {name.replace(".", ""): bit for name, bit in triggers.BITS.items()}
    if text.casefold() not in named:
        raise ValidationError(trigger=f"The value '{text}' is not valid.")
    return named[text.casefold()]


def _group_asked(req: falcon.Request) -> int:
    text = (req.get_param("groupStatus") or "0").casefold()
    if text.isdecimal():
        return int(text)
    if text not in GROUPS:
        raise ValidationError(groupStatus=f"The value '{text}' is not valid.")
    return GROUPS[text]


def _group(status: int) -> int:
    """The group of a status: not sent 1, 2xx 2, 3xx 4, 4xx 8, 5xx 16."""
    return 1 if status == 0 else 1 << (status // 100 - 1)


def _moment(text: str, like: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise BadRequestError(f"The value '{text}' is not a date.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=like.tzinfo)
