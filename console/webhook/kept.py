"""What the portal kept of a webhook, beside what was asked of it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from console.webhook.choice import same_address
from shared.docspace.webhooks import Webhook


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of one of ours. It may send more triggers than these."""

    url: str
    triggers: frozenset[str] = frozenset()
    enabled: bool = True
    target: str | None = None


def as_it_is(one: Webhook) -> Wanted:
    return Wanted(one.url, one.triggers, one.enabled, one.target)


def differences(kept: Webhook, wanted: Wanted) -> list[str]:
    """Each as it stands after "the portal had kept"; empty where all is as it should be."""
    return list(_differences(kept, wanted))


def mended(kept: Webhook, wanted: Wanted) -> Webhook:
    """As it is to be put."""
    return replace(
        kept,
        url=wanted.url,
        triggers=kept.triggers | wanted.triggers,
        target=wanted.target,
        enabled=wanted.enabled,
        checks_certificate=kept.checks_certificate and not replace(kept, url=wanted.url).is_plain,
    )


def _differences(kept: Webhook, wanted: Wanted) -> Iterator[str]:
    if kept.dies_at_first_event:
        yield "ssl on for an http address"
    if kept.enabled is not wanted.enabled:
        yield "it enabled" if kept.enabled else "it disabled"
    if not same_address(kept.url, wanted.url):
        yield f"the address {kept.url}"
    if missing := sorted(trigger for trigger in wanted.triggers if not kept.sends(trigger)):
        yield f"it without {', '.join(missing)}"
    if kept.target != wanted.target:
        yield f"it limited to entry {kept.target}" if kept.target else f"it not limited to entry {wanted.target}"
