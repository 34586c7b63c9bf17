"""Which of the portal's webhooks are ours, and which triggers ours needs. Pure."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from shared.docspace.webhooks import Webhook
from shared.rules.model import RuleSet
from shared.webhook_settings import PATH


def ours(webhooks: Iterable[Webhook], url: str | None) -> tuple[Webhook, ...]:
    """Those that call `url`; where that is not known, those whose address has the ingress's path."""
    return tuple(
        webhook
        for webhook in webhooks
        if (same_address(webhook.url, url) if url else urlsplit(webhook.url).path.rstrip("/") == PATH)
    )


def needed_triggers(rules: RuleSet) -> tuple[str, ...]:
    """In the rules' order, each once."""
    return tuple(dict.fromkeys(trigger for rule in rules.enabled for trigger in rule.triggers))


def same_address(one: str, other: str) -> bool:
    """Host names have no case; a path has."""
    first, second = urlsplit(one), urlsplit(other)
    return (first.scheme, first.netloc.lower(), first.path) == (second.scheme, second.netloc.lower(), second.path)
