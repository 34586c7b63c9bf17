"""The portal's webhooks: which there are, and changing them. Routes as in DocSpace 3.7.2's WebhooksController.

A user that is no administrator sees and changes their own. Creating, changing and enabling make the portal send a
HEAD to the address; it must answer within 10 s. Every method may raise the errors of `shared.docspace.errors`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from shared.docspace.client import Client
from shared.docspace.errors import RefusedError
from shared.docspace.field import ABSENT, Field, WholeId, text, truth, whole
from shared.docspace.wire import readable

EVERY = "*"
"""The trigger that stands for all; its mask is 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """As configured. Times are ISO 8601 texts in UTC; None: never."""

    id: int
    name: str
    url: str
    enabled: bool
    triggers: frozenset[str]
    """Names; `*` alone for every trigger. None at all: the portal did not say."""
    target: str | None = None
    """The one entry that it is limited to."""
    checks_certificate: bool = True
    last_success_at: str | None = None
    last_failure_at: str | None = None
    last_failure: str | None = None

    def sends(self, trigger: str) -> bool:
        return EVERY in self.triggers or trigger in self.triggers


class _Config(msgspec.Struct, rename="camel"):
    id: WholeId
    name: Field = ABSENT
    uri: Field = ABSENT
    enabled: Field = ABSENT
    ssl: Field = ABSENT
    triggers: Field = ABSENT
    target_id: Field = ABSENT
    last_success_on: Field = ABSENT
    last_failure_on: Field = ABSENT
    last_failure_content: Field = ABSENT


class _Listed(msgspec.Struct):
    configs: _Config


class _Trigger(msgspec.Struct):
    name: str
    id: WholeId


class Webhooks:
    """Asks the portal once for the names of its triggers, and keeps them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._masks: dict[str, int] | None = None

    def list(self) -> tuple[Webhook, ...]:
        listed = self._client.call("GET", "settings/webhook", list[Field])
        return tuple(self._webhook(row.configs) for row in readable(listed, _Listed))

    def create(self, *, name: str, url: str, secret: str, triggers: Iterable[str]) -> Webhook:
        """Enabled. RefusedError: the address answers no HEAD, the secret is too weak, or it is there already.

        Not safe to repeat blindly after an error with `maybe_done`: look at `list` first. A POST is kept with
        `ssl: true` whatever it says, which for an http address switches the webhook off at its first event; a PUT
        mends it (tests/recorded/hook-created.json).
        """
        body = _body(None, name, url, secret, enabled=True, triggers=self._mask(triggers), target=None)
        kept = self._webhook(self._client.call("POST", "settings/webhook", _Config, json=body))
        return self.update(kept) if kept.checks_certificate and _is_plain(url) else kept

    def update(
        self, webhook: Webhook, *, secret: str = "", triggers: Iterable[str] | None = None, url: str = ""
    ) -> Webhook:
        """Changes what is given and keeps the rest; repeating is safe."""
        mask = self._mask(webhook.triggers if triggers is None else triggers)
        body = _body(
            webhook.id, webhook.name, url or webhook.url, secret,
            enabled=webhook.enabled, triggers=mask, target=webhook.target,
            checks_certificate=webhook.checks_certificate and not _is_plain(url or webhook.url),
        )  # fmt: skip
        return self._webhook(self._client.call("PUT", "settings/webhook", _Config, json=body))

    def enable(self, webhook: Webhook, *, enabled: bool = True) -> Webhook:
        """Repeating is safe. An http address that the portal keeps with `ssl: true` is mended first."""
        if enabled and webhook.checks_certificate and _is_plain(webhook.url):
            webhook = self.update(webhook)
        mask = self._mask(webhook.triggers)
        body = _body(
            webhook.id, webhook.name, webhook.url, "",
            enabled=enabled, triggers=mask, target=webhook.target, checks_certificate=webhook.checks_certificate,
        )  # fmt: skip
        return self._webhook(self._client.call("PUT", "settings/webhook/enable", _Config, json=body))

    def delete(self, webhook_id: int) -> None:
        """NotFoundError if it is not there, or no more."""
        self._client.call("DELETE", f"settings/webhook/{webhook_id}", Field)

    def _webhook(self, config: _Config) -> Webhook:
        return Webhook(
            id=int(config.id),
            name=text(config.name) or "",
            url=text(config.uri) or "",
            enabled=truth(config.enabled) or False,
            triggers=self._names(whole(config.triggers)),
            target=text(config.target_id) or None,
            checks_certificate=truth(config.ssl) or False,
            last_success_at=text(config.last_success_on) or None,
            last_failure_at=text(config.last_failure_on) or None,
            last_failure=text(config.last_failure_content) or None,
        )

    def _names(self, mask: int | None) -> frozenset[str]:
        if mask is None:
            return frozenset()
        if mask == 0:
            return frozenset({EVERY})
        return frozenset(name for name, bit in self._trigger_masks().items() if mask & bit)

    def _mask(self, names: Iterable[str]) -> int:
        masks = self._trigger_masks()
        wanted = set(names)
        if EVERY in wanted:
            return 0
        if unknown := wanted - set(masks):
            raise RefusedError(f"the portal knows no trigger {', '.join(sorted(unknown))}")
        return sum(masks[name] for name in wanted)

    def _trigger_masks(self) -> dict[str, int]:
        if self._masks is None:
            known = self._client.call("GET", "settings/webhook/triggers", list[Field])
            self._masks = {trigger.name: int(trigger.id) for trigger in readable(known, _Trigger)}
        return self._masks


def _is_plain(url: str) -> bool:
    return not url.lower().startswith("https://")


def _body(
    webhook_id: int | None,
    name: str,
    url: str,
    secret: str,
    *,
    enabled: bool,
    triggers: int,
    target: str | None,
    checks_certificate: bool | None = None,
) -> dict[str, Any]:
    """An empty secret keeps the old one. Certificates are checked wherever there are any, unless told not to."""
    body = {
        "name": name,
        "uri": url,
        "secretKey": secret,
        "enabled": enabled,
        "ssl": not _is_plain(url) if checks_certificate is None else checks_certificate,
        "triggers": triggers,
        "targetId": target or "",
    }
    return body if webhook_id is None else {"id": webhook_id, **body}
