"""The portal's webhooks, and its log of what it sent to them. A user sees their own, an administrator everybody's.

Routes and bodies as in DocSpace-server 3.7.2 (WebhooksController.cs). Methods raise the errors of
`shared.docspace.errors`: ForbiddenError where the key's permissions do not reach the settings.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from shared.docspace import triggers
from shared.docspace.client import PAGE, Client
from shared.docspace.model import moment

ROUTE = "settings/webhook"
LOG_ROUTE = "settings/webhooks/log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A webhook as configured; its secret cannot be read back. Times are UTC."""

    id: int
    name: str
    uri: str
    enabled: bool
    triggers: frozenset[str]
    ssl: bool = False
    target_id: str | None = None
    last_success: datetime | None = None
    last_failure: datetime | None = None
    failure: str | None = None
    """What the last failure was, in the portal's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One event for one webhook, and how its last attempt ended."""

    id: int
    """Is `event.id` in the body; a retry by hand makes a new one."""
    webhook: str
    created: datetime
    body: bytes
    """As it was sent; empty if it was not."""
    status: int
    """The HTTP status of the answer; 0 for none."""
    delivered: bool


class _Config(msgspec.Struct, rename="camel"):
    id: int
    uri: str
    name: str | None = None
    enabled: bool | None = None
    ssl: bool | None = None
    triggers: int | None = None
    target_id: str | None = None
    last_failure_on: str | None = None
    last_failure_content: str | None = None
    last_success_on: str | None = None

    def webhook(self) -> Webhook:
        return Webhook(
            id=self.id,
            name=self.name or "",
            uri=self.uri,
            enabled=bool(self.enabled),
            triggers=triggers.names(self.triggers or 0),
            ssl=bool(self.ssl),
            target_id=self.target_id or None,
            last_success=moment(self.last_success_on),
            last_failure=moment(self.last_failure_on),
            failure=self.last_failure_content or None,
        )


class _Listed(msgspec.Struct):
    configs: _Config


class _LogRow(msgspec.Struct, rename="camel"):
    id: int
    creation_time: str
    config_name: str | None = None
    request_payload: str | None = None
    status: int | None = None
    delivery: str | None = None


class Webhooks:
    def __init__(self, client: Client) -> None:
        self._client = client

    def all(self) -> tuple[Webhook, ...]:
        found = self._client.call("GET", ROUTE, list[_Listed])
        return tuple(entry.configs.webhook() for entry in found)

    def create(self, name: str, uri: str, secret: str, wanted: Collection[str], *, ssl: bool = True) -> Webhook:
        """Enabled at once. The portal first asks the address with HEAD, and refuses one that does not answer.

        Repeating it is refused: name and address together are unique.
        """
        body = {
            "name": name,
            "uri": uri,
            "secretKey": secret,
            "enabled": True,
            "ssl": ssl,
            "triggers": triggers.mask(wanted),
        }
        return self._client.call("POST", ROUTE, _Config, json=body).webhook()

    def update(
        self,
        webhook: Webhook,
        *,
        uri: str | None = None,
        wanted: Collection[str] | None = None,
        secret: str | None = None,
    ) -> Webhook:
        """Change what is given and keep the rest; without a secret the old one stays. Safe to repeat."""
        body = {
            "id": webhook.id,
            "name": webhook.name,
            "uri": uri or webhook.uri,
            "secretKey": secret or "",
            "enabled": webhook.enabled,
            "ssl": webhook.ssl,
            "triggers": triggers.mask(webhook.triggers if wanted is None else wanted),
            "targetId": webhook.target_id,
        }
        return self._client.call("PUT", ROUTE, _Config, json=body).webhook()

    def enable(self, webhook: Webhook, *, enabled: bool) -> Webhook:
        """Enabling asks the address with HEAD first. Safe to repeat."""
        body = {"id": webhook.id, "name": webhook.name, "uri": webhook.uri, "enabled": enabled}
        return self._client.call("PUT", f"{ROUTE}/enable", _Config, json=body).webhook()

    def delete(self, webhook: Webhook) -> None:
        """NotFoundError if it is gone already."""
        self._client.call("DELETE", f"{ROUTE}/{webhook.id}", _Config)

    def log(self, since: datetime) -> Iterator[LogEntry]:
        """Newest first, what was created since then.

        Without the portal's own filter by time: it goes by the time of delivery, which failures do not have.
        """
        start = 0
        while rows := self._client.call(
            "GET", LOG_ROUTE, list[_LogRow], params={"count": PAGE, "startIndex": start}
        ):
            for row in rows:
                created = moment(row.creation_time)
                if created is None or created < since:
                    return
                yield LogEntry(
                    id=row.id,
                    webhook=row.config_name or "",
                    created=created,
                    body=(row.request_payload or "").encode(),
                    status=row.status or 0,
                    delivered=row.delivery is not None,
                )
            start += len(rows)
