"""Which of the portal's webhooks are ours, and which triggers ours needs. Pure."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from shared.docspace.webhooks import Webhook
from shared.process.webhook_settings import PATH
from shared.rules.model import RuleSet

BROUGHT_IN = ("folder.moved", "folder.restored", "room.restored")
"""The portal tells of the folder or room alone, never of the files in it: the sweep lists these. The classifier
skips them by their trigger, without a question to the portal."""


def ours(webhooks: Iterable[Webhook], url: str | None) -> tuple[Webhook, ...]:
    """Those that call `url`; where that is not known, those whose address has the ingress's path."""
    return tuple(
        webhook
        for webhook in webhooks
        if (same_address(webhook.url, url) if url else urlsplit(webhook.url).path.rstrip("/") == PATH)
    )


def needed_triggers(rules: RuleSet) -> tuple[str, ...]:
    """The rules', in their order, each once; then what the sweep needs."""
    asked_for = (trigger for rule in rules.enabled for trigger in rule.triggers)
    return tuple(dict.fromkeys((*asked_for, *BROUGHT_IN)))


def same_address(one: str, other: str) -> bool:
    """Host names have no case; a path has."""
    first, second = urlsplit(one), urlsplit(other)
    return (first.scheme, first.netloc.lower(), first.path) == (second.scheme, second.netloc.lower(), second.path)
