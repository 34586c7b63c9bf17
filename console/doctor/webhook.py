"""The webhook: is it there and switched on, does it call us with the rules' triggers, and how did it go?"""

from collections.abc import Iterator

from console.doctor.line import Area, Line
from console.webhook.choice import needed_triggers, ours
from shared.docspace.errors import ForbiddenError, ScopeMissingError
from shared.docspace.webhooks import Webhook, Webhooks
from shared.errors import IntakeError
from shared.rules.model import RuleSet

AREA = Area("webhook")


def check(webhooks: Webhooks, rules: RuleSet, url: str | None) -> Iterator[Line]:
    """`url` is the address that the portal is to call, where it is known."""
    try:
        listed = webhooks.list()
    except (ForbiddenError, ScopeMissingError) as error:
        yield AREA.warning(
            f"the API key may not see webhooks: {error}",
            "look in the portal: Settings > Developer tools > Webhooks; or give the key the permission *:read",
        )
        return
    except IntakeError as error:
        yield AREA.failed(f"cannot be looked at: {error}", "see whether the portal is up")
        return
    found = ours(listed, url)
    if not found:
        yield _none(listed, url)
    if len(found) > 1:
        names = ", ".join(f'{webhook.id} "{webhook.name}"' for webhook in found)
        yield AREA.warning(f"{len(found)} call us: {names}", "intake webhook remove ID: one is enough")
    for webhook in found:
        yield from webhook_lines(webhook, rules)


def webhook_lines(webhook: Webhook, rules: RuleSet) -> Iterator[Line]:
    """What one of ours says of itself."""
    label = f'{webhook.id} "{webhook.name}"'
    if webhook.enabled:
        yield AREA.ok(f"{label} calls {webhook.url}")
    else:
        why = f": {webhook.last_failure}" if webhook.last_failure else ""
        yield AREA.failed(f"{label} is disabled{why}", f"intake webhook enable {webhook.id}")
    missing = [trigger for trigger in needed_triggers(rules) if not webhook.sends(trigger)]
    if missing:
        yield AREA.failed(f"{label} does not send {', '.join(missing)}", f"intake webhook register {webhook.url}")
    else:
        yield AREA.ok(f"{label} sends {', '.join(sorted(webhook.triggers))}")
    if webhook.target:
        mend = f"intake webhook remove {webhook.id}, then register"
        yield AREA.failed(f"{label} is limited to entry {webhook.target}", mend)
    yield _last(webhook, label)


def _none(listed: tuple[Webhook, ...], url: str | None) -> Line:
    others = ", ".join(f'{webhook.id} "{webhook.name}" calls {webhook.url}' for webhook in listed)
    where = url or "an address that ends in /docspace/webhook"
    told = f"of those that the service user may see, none calls {where}" + (f"; {others}" if others else "")
    return AREA.failed(told, f"intake webhook register {url or 'https://your.host/docspace/webhook'}")


def _last(webhook: Webhook, label: str) -> Line:
    """ISO texts of one form compare as times do."""
    success, failure = webhook.last_success_at or "", webhook.last_failure_at or ""
    if not success and not failure:
        return AREA.warning(f"{label} has sent nothing yet", "upload a file in a ruled room and look again")
    if failure <= success:
        return AREA.ok(f"{label} last reached us at {success}")
    last = f"last success {success}" if success else "it never succeeded"
    return AREA.failed(
        f"{label} failed at {failure}: {webhook.last_failure or 'no reason given'}; {last}", _mend(webhook)
    )


def _mend(webhook: Webhook) -> str:
    said = webhook.last_failure or ""
    if "401" in said:
        return "the portal signs with a secret that the ingress does not have: intake webhook rotate"
    return f"see that {webhook.url} leads to the ingress and the ingress runs; the next upload tells"
