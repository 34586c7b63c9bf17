"""What the configuration of one of our webhooks says: is it on, will it stay on, what does it send? Pure."""

from collections.abc import Iterator
from datetime import timedelta

from console.doctor.line import Area, Line
from console.webhook.choice import BROUGHT_IN, needed_triggers
from console.webhook.view import shown_time
from shared.docspace.webhooks import Webhook
from shared.rules.model import RuleSet

AREA = Area("webhook")
SSL = "the portal asks for a certificate (ssl), which an http address has not"


def label(webhook: Webhook) -> str:
    return f'{webhook.id} "{webhook.name}"'


def lines(webhook: Webhook, rules: RuleSet, offset: timedelta | None) -> Iterator[Line]:
    """`offset` is of the portal's zone from UTC, where it is known."""
    yield _enabled(webhook)
    yield _triggers(webhook, rules)
    if webhook.target:
        yield AREA.failed(
            f"{label(webhook)} is limited to entry {webhook.target}", _update(webhook), cause="limited"
        )
    yield from _last(webhook, offset)


def _enabled(webhook: Webhook) -> Line:
    mend = f"intake webhook enable {webhook.id}"
    if webhook.enabled and webhook.dies_at_first_event:
        return AREA.failed(f"{label(webhook)} will be switched off at its next event: {SSL}", mend, cause="dies")
    if webhook.enabled:
        return AREA.ok(f"{label(webhook)} calls {webhook.url}")
    why = webhook.last_failure or (SSL if webhook.dies_at_first_event else "")
    then = f"{mend}; what was uploaded meanwhile has no event: intake reconcile finds it"
    return AREA.failed(f"{label(webhook)} is disabled{f': {why}' if why else ''}", then, cause="disabled")


def _triggers(webhook: Webhook, rules: RuleSet) -> Line:
    if not webhook.triggers:
        return AREA.warning(
            f"the portal does not say which triggers {label(webhook)} has",
            _update(webhook),
            cause="unseen-triggers",
        )
    missing = [trigger for trigger in needed_triggers(rules) if not webhook.sends(trigger)]
    if missing:
        told = f"{label(webhook)} does not send {', '.join(missing)}"
        if set(missing) <= set(BROUGHT_IN):  # as of a webhook that was registered before the sweep asked for them
            slow = "what is moved or restored with its folder is found by a full pass alone"
            return AREA.warning(f"{told}: {slow}", _update(webhook), cause="triggers-missing")
        return AREA.failed(told, _update(webhook), cause="triggers-missing")
    return AREA.ok(f"{label(webhook)} sends {', '.join(sorted(webhook.triggers))}")


def _update(webhook: Webhook) -> str:
    return f"intake webhook update {webhook.id} {webhook.url}"


def _last(webhook: Webhook, offset: timedelta | None) -> Iterator[Line]:
    """The portal's two texts have one form and one zone, so they compare as times do."""
    success, failure = webhook.last_success_at or "", webhook.last_failure_at or ""
    if not success and not failure:
        mend = "upload a file in a ruled room and look again"
        yield AREA.warning(f"{label(webhook)} has sent nothing yet", mend, cause="nothing-sent")
        return
    told = shown_time(success, offset)
    if failure <= success:
        yield AREA.ok(f"{label(webhook)} last reached us at {told}")
        return
    last = f"last success {told}" if told else "it never succeeded"
    why = webhook.last_failure or "no reason given"
    yield AREA.failed(
        f"{label(webhook)} failed at {shown_time(failure, offset)}: {why}; {last}", _mend(webhook), cause="failing"
    )


def _mend(webhook: Webhook) -> str:
    if "401" in (webhook.last_failure or ""):
        return "the portal signs with a secret that the ingress does not have: intake webhook rotate"
    return f"see that {webhook.url} leads to the ingress and the ingress runs; the next upload tells"
