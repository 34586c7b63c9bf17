"""The portal's webhooks: which there are, and changing them. Routes as in DocSpace 3.7.2's WebhooksController.

A user that is no administrator sees and changes their own. Creating, changing and enabling make the portal send a
HEAD to the address; it must answer within 10 s. Every method may raise the errors of `shared.docspace.errors`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from shared.docspace.client import Client
from shared.docspace.errors import RefusedError, ScopeMissingError, UnexplainedError
from shared.docspace.field import ABSENT, Field, WholeId, reader, text, truth, whole
from shared.docspace.webhook_times import offset
from shared.docspace.wire import SettingsWire, readable

EVERY = "*"
"""The trigger that means all triggers."""
REMOVED = "4a515a15-d4d6-4b8e-828e-e0586f18f3a3"
"""The user id that the portal gives for a deleted user (tests/recorded/more-file-of-deleted-user.json)."""
_ALL = 0
"""Its mask."""
_TERMINATED = 2
"""The `status` of a user that was disabled."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at the portal's webhooks."""

    id: str | None
    sees_all: bool | None
    """An administrator sees those of all users; None: unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """As configured. Times are the portal's texts: of its own zone, though they say +00:00; None: never.

    `docspace.webhook_times` makes them true (tests/recorded/read-webhook-list-in-timezone.json).
    """

    id: int
    name: str
    url: str
    enabled: bool
    triggers: frozenset[str]
    """Names; `*` alone for every trigger. None at all: the portal did not say."""
    target: str | None = None
    """The one entry that it is limited to."""
    checks_certificate: bool = True
    unnamed: int = 0
    """The bits of its triggers that the portal's list has no name for: a change keeps them."""
    owner_id: str | None = None
    """A user id: who made it, or whom the portal names in place of one that is gone."""
    owner_name: str | None = None
    created_at: str | None = None
    last_success_at: str | None = None
    last_failure_at: str | None = None
    last_failure: str | None = None

    def sends(self, trigger: str) -> bool:
        return EVERY in self.triggers or trigger in self.triggers

    @property
    def is_plain(self) -> bool:
        """Its address has no certificate."""
        return is_plain(self.url)

    @property
    def dies_at_first_event(self) -> bool:
        """The portal wants a certificate of an address that has none, and switches it off at its next event."""
        return self.is_plain and self.checks_certificate


class _Config(msgspec.Struct, rename="camel"):
    id: WholeId
    name: Field = ABSENT
    uri: Field = ABSENT
    enabled: Field = ABSENT
    ssl: Field = ABSENT
    triggers: Field = ABSENT
    target_id: Field = ABSENT
    created_by: Field = ABSENT
    created_on: Field = ABSENT
    last_success_on: Field = ABSENT
    last_failure_on: Field = ABSENT
    last_failure_content: Field = ABSENT


class _Owner(msgspec.Struct, rename="camel"):
    id: Field = ABSENT
    display_name: Field = ABSENT


class _User(msgspec.Struct, rename="camel"):
    id: Field = ABSENT
    is_admin: Field = ABSENT
    is_owner: Field = ABSENT
    status: Field = ABSENT


class _Listed(msgspec.Struct):
    configs: _Config


class _Trigger(msgspec.Struct):
    name: str
    id: WholeId


_owner = reader(msgspec.json.Decoder(_Owner))


class Webhooks:
    """Asks the portal once for the names of its triggers, and keeps them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._masks: dict[str, int] | None = None

    def list(self) -> tuple[Webhook, ...]:
        listed = self._client.call("GET", "settings/webhook", list[Field])
        return tuple(self._webhook(row.configs) for row in readable(listed, _Listed))

    def create(self, *, name: str, url: str, secret: str, triggers: Iterable[str]) -> Webhook:
        """As the portal kept it. RefusedError: the address answers no HEAD, the secret is too weak, or it is there
        already.

        Not safe to repeat blindly after an error with `maybe_done`: look at `list` first. A POST is kept enabled
        and with `ssl: true` whatever it says, which for an http address is the end of it at its first event; a PUT
        mends it (tests/recorded/hook-created.json).
        """
        body = _body(None, name, url, secret, enabled=True, triggers=self._mask(triggers), target=None)
        return self._webhook(self._client.call("POST", "settings/webhook", _Config, json=body))

    def update(
        self, webhook: Webhook, *, secret: str = "", triggers: Iterable[str] | None = None, url: str = ""
    ) -> Webhook:
        """Changes what is given and keeps the rest, as `webhook` says it; repeating is safe.

        RefusedError where `webhook` does not say its triggers and none are given: none told is every one to the
        portal. What is answered lasts only if no delivery is under way: the end of one puts all back to what was
        at its beginning.
        """
        names = frozenset(webhook.triggers if triggers is None else triggers)
        if not names and not webhook.unnamed:
            raise RefusedError(f"the portal does not say the triggers of webhook {webhook.id}: name them")
        mask = self._mask(names) | (0 if EVERY in names else webhook.unnamed)
        body = _body(
            webhook.id, webhook.name, url or webhook.url, secret,
            enabled=webhook.enabled, triggers=mask, target=webhook.target,
            checks_certificate=webhook.checks_certificate and not is_plain(url or webhook.url),
        )  # fmt: skip
        return self._webhook(self._client.call("PUT", "settings/webhook", _Config, json=body))

    def enable(self, webhook: Webhook, *, enabled: bool = True) -> Webhook:
        """Repeating is safe. RefusedError for one that `dies_at_first_event`: `update` mends it.

        The portal looks at the id and `enabled` alone (tests/recorded/hook-disabled.json).
        """
        body = _body(
            webhook.id, webhook.name, webhook.url, "", enabled=enabled, triggers=self._mask(webhook.triggers),
            target=webhook.target, checks_certificate=webhook.checks_certificate,
        )  # fmt: skip
        return self._webhook(self._client.call("PUT", "settings/webhook/enable", _Config, json=body))

    def delete(self, webhook_id: int) -> None:
        """NotFoundError if it is not there, or no more."""
        self._client.call("DELETE", f"settings/webhook/{webhook_id}", Field)

    def clock_offset(self) -> timedelta | None:
        """Of the portal's zone from UTC, as it is now; None where the portal does not say."""
        return offset(self._client.call("GET", "settings", SettingsWire).info().utc_offset)

    def viewer(self) -> Viewer:
        """The key's user, as far as the key may see that."""
        try:
            user = self._client.call("GET", "people/@self", _User)
        except (RefusedError, ScopeMissingError, UnexplainedError):
            return Viewer(None, None)
        administrator, owner = truth(user.is_admin), truth(user.is_owner)
        return Viewer(text(user.id), None if administrator is None else administrator or owner is True)

    def is_disabled(self, user_id: str) -> bool:
        """Whether that user is an administrator, as the portal says. An administrator may ask about everybody."""
        try:
            return whole(self._client.call("GET", f"people/{user_id}", _User).status) == _TERMINATED
        except (RefusedError, ScopeMissingError, UnexplainedError):
            return False

    def _webhook(self, config: _Config) -> Webhook:
        mask, owner = whole(config.triggers), _owner(config.created_by) or _Owner()
        return Webhook(
            id=int(config.id),
            name=text(config.name) or "",
            url=text(config.uri) or "",
            enabled=truth(config.enabled) or False,
            triggers=self._names(mask),
            unnamed=(mask & ~self._known_bits()) if mask else 0,
            owner_id=text(owner.id) or None,
            owner_name=text(owner.display_name) or None,
            created_at=text(config.created_on) or None,
            target=text(config.target_id) or None,
            checks_certificate=truth(config.ssl) or False,
            last_success_at=text(config.last_success_on) or None,
            last_failure_at=text(config.last_failure_on) or None,
            last_failure=text(config.last_failure_content) or None,
        )

    def _names(self, mask: int | None) -> frozenset[str]:
        if mask is None:
            return frozenset()
        if mask == _ALL:
            return frozenset({EVERY})
        return frozenset(name for name, bit in self._trigger_masks().items() if mask & bit)

    def _mask(self, names: Iterable[str]) -> int:
        masks = self._trigger_masks()
        wanted = set(names)
        if EVERY in wanted:
            return _ALL
        if unknown := wanted - set(masks):
            raise RefusedError(f"the portal knows no trigger {', '.join(sorted(unknown))}")
        return sum(masks[name] for name in wanted)

    def _known_bits(self) -> int:
        return sum(self._trigger_masks().values())

    def _trigger_masks(self) -> dict[str, int]:
        if self._masks is None:
            known = self._client.call("GET", "settings/webhook/triggers", list[Field])
            self._masks = {trigger.name: int(trigger.id) for trigger in readable(known, _Trigger)}
        return self._masks


def is_plain(url: str) -> bool:
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
        "ssl": not is_plain(url) if checks_certificate is None else checks_certificate,
        "triggers": triggers,
        "targetId": target or "",
    }
    return body if webhook_id is None else {"id": webhook_id, **body}
