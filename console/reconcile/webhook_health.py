"""Whether the portal still sends us its webhooks: it disables and deletes them without a word. Pure."""

from collections.abc import Collection

from shared.docspace.webhooks import Webhook
from shared.process.webhook_settings import PATH

REGISTER = f"`intake webhook register https://your.host{PATH}`"


def fault(ours: Collection[Webhook], wanted: Collection[str]) -> str | None:
    """Why uploads do not reach us and what to do, in one sentence; None if they should. `ours` call us."""
    if not ours:
        return (
            f"the portal has no webhook that the service user may see and that calls an address ending in {PATH}: "
            f"it was never registered, or DocSpace has deleted it: {REGISTER}"
        )
    enabled = [hook for hook in ours if hook.enabled]
    if not enabled:
        first = next(iter(ours))
        disabled = f'the webhook {first.id} "{first.name}" is disabled{_because(first)}'
        return f"{disabled}: `intake webhook enable {first.id}`"
    missing = sorted(trigger for trigger in wanted if not any(hook.sends(trigger) for hook in enabled))
    if missing:
        first = enabled[0]
        lacks = f'the webhook {first.id} "{first.name}" lacks the triggers {", ".join(missing)}'
        return f"{lacks}: `intake webhook register {first.url}`"
    return None


def _because(hook: Webhook) -> str:
    return f" (its last failure: {hook.last_failure})" if hook.last_failure else ""
