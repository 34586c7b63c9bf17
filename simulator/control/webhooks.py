"""The handles that are about webhooks: a webhook of anybody, and a restart of the portal."""

from collections.abc import Callable

import falcon

from simulator.errors import BadRequestError
from simulator.outgoing.webhooks import Webhooks
from simulator.portal import seed

OWNERS = {
    "client": seed.CLIENT, "service": seed.SERVICE, "owner": seed.OWNER, "guest": seed.GUEST,
    "norights": seed.NO_RIGHTS, "removed": seed.REMOVED,
}  # fmt: skip
NEEDED, ALLOWED = {"owner", "name", "uri", "secret"}, {"triggers", "enabled", "ssl", "target_id"}


class AnybodysWebhookResource:
    """POST `{"owner": …, "name": …, "uri": …, "secret": …}`, and of `triggers`, `enabled`, `ssl`, `target_id` any.

    It is kept as it is written, and its address is not asked first: it may fail, or be slow, from its first event
    on, which holds up everybody's. DELETE to its id takes it away, whatever fault is in force.
    """

    def __init__(self, hooks: Webhooks) -> None:
        self._hooks = hooks

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        body = req.get_media()
        if not isinstance(body, dict) or not NEEDED <= set(body) <= NEEDED | ALLOWED:
            raise BadRequestError(
                f"a webhook has {', '.join(sorted(NEEDED))}, and any of {', '.join(sorted(ALLOWED))}"
            )
        if body["owner"] not in OWNERS:
            raise BadRequestError(f"an owner is one of {', '.join(OWNERS)}")
        hook = self._hooks.add(
            OWNERS[body["owner"]].id, str(body["name"]), str(body["uri"]), str(body["secret"]),
            int(body.get("triggers") or 0), enabled=bool(body.get("enabled", True)),
            ssl=bool(body.get("ssl")), target_id=str(body.get("target_id") or ""),
        )  # fmt: skip
        resp.media = {"id": hook.id, "name": hook.name}

    def on_delete_one(self, _req: falcon.Request, resp: falcon.Response, webhook_id: int) -> None:
        resp.media = {"deleted": self._hooks.remove(webhook_id).id}


class RestartResource:
    """POST restarts the portal: webhooks that are written and not sent are forgotten, all else is kept.

    Their rows of the log stay without an answer for ever; sent again by hand, they come.
    """

    def __init__(self, restart: Callable[[], int]) -> None:
        self._restart = restart

    def on_post(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {"forgotten": self._restart()}
