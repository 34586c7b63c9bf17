"""The simulator's own routes for webhooks: one for any owner, and a restart of the portal."""

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
    """POST `{"owner": …, "name": …, "uri": …, "secret": …}` makes a webhook; DELETE to its id deletes it.

    `triggers`, `enabled`, `ssl` and `target_id` may be given too. The address is not checked first. So deliveries
    may fail or be slow from the first event, and delay all other webhooks. DELETE also works while a fault is in
    force.
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
    """POST restarts the portal. It forgets events that were queued and not sent, and keeps everything else.

    Their rows in the log stay without an answer for ever. A person can send them again.
    """

    def __init__(self, restart: Callable[[], int]) -> None:
        self._restart = restart

    def on_post(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {"forgotten": self._restart()}
