"""Whether the portal still sends us its webhooks: it disables and deletes them without a word. Pure."""

from collections.abc import Collection

from shared.docspace.webhooks import Webhook
from shared.webhook_settings import PATH


def fault(found: Collection[Webhook], wanted: Collection[str], url: str | None = None) -> str | None:
    """Why uploads do not reach us, in one sentence; None if they should. `url` is our own, where known."""
    ours = [hook for hook in found if (hook.url == url if url else hook.url.rstrip("/").endswith(PATH))]
    if not ours:
        where = url or f"an address that ends in {PATH}"
        return f"the portal has no webhook to {where}: it was never registered, or DocSpace has deleted it"
    enabled = [hook for hook in ours if hook.enabled]
    if not enabled:
        return f'the webhook "{ours[0].name}" is disabled{_because(ours[0])}: enable it in the portal'
    missing = sorted(trigger for trigger in wanted if not any(hook.sends(trigger) for hook in enabled))
    if missing:
        return f'the webhook "{enabled[0].name}" lacks the triggers {", ".join(missing)}'
    return None


def _because(hook: Webhook) -> str:
    return f" (its last failure: {hook.last_failure})" if hook.last_failure else ""
