"""Makes and changes our webhook, and believes no answer: looks at what the portal kept, and mends it by a PUT."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from console.webhook.kept import Wanted, as_it_is, differences, mended
from console.webhook.signed import waiting
from shared.docspace.client import Client
from shared.docspace.webhook_log import newest
from shared.docspace.webhooks import Webhook, Webhooks
from shared.errors import IntakeError, TransientError

TRIES = 2
"""Of mending: what is undone again is undone by a delivery that is under way."""


class NotKeptError(TransientError):
    """The portal said yes, and keeps something else all the same."""


@dataclass(frozen=True, slots=True)
class Made:
    webhook: Webhook
    """As the portal lists it."""
    said: tuple[str, ...] = ()
    """What was otherwise and was changed, a sentence each."""


def created(webhooks: Webhooks, *, name: str, url: str, secret: str, triggers: Iterable[str]) -> Made:
    """A new one. Not safe to repeat blindly: see `Webhooks.create`. Raises that one's errors, and NotKeptError."""
    told = webhooks.create(name=name, url=url, secret=secret, triggers=triggers)
    return kept(webhooks, told, Wanted(url, frozenset(triggers)))


def completed(webhooks: Webhooks, one: Webhook, wanted: Wanted, secret: str = "") -> Made:
    """With what it lacks of `wanted`, the secret where one is given, and switched on. Repeating is safe."""
    wrong = differences(one, wanted)
    if secret or wrong:
        one = _put(webhooks, one, wanted, secret)
    made = kept(webhooks, one, wanted)
    before = (f"the portal had kept {' and '.join(wrong)}: changed",) if wrong else ()
    return replace(made, said=(*before, *made.said))


def enabled(webhooks: Webhooks, one: Webhook) -> Made:
    """Switched on as it is. Of one that would die at its first event the certificate is no longer asked for."""
    told = one if one.dies_at_first_event else webhooks.enable(one)
    return kept(webhooks, told, replace(as_it_is(told), enabled=True))


def kept(webhooks: Webhooks, told: Webhook, wanted: Wanted) -> Made:
    """What the portal keeps, by its answer and by its list; mended where it is not what was asked."""
    said: list[str] = []
    for _ in range(TRIES):
        listed = find(webhooks, told.id)
        wrong = differences(listed, wanted) or differences(told, wanted)
        if not wrong:
            return Made(listed, tuple(said))
        told = _put(webhooks, listed, wanted)
        said.append(f"the portal had kept {' and '.join(wrong)}: mended by another PUT")
    listed = find(webhooks, told.id)
    if wrong := differences(listed, wanted):
        raise NotKeptError(
            f"the portal keeps webhook {listed.id} with {' and '.join(wrong)}, whatever it is told: the end of a "
            "delivery puts it back; repeat this in some minutes"
        )
    return Made(listed, tuple(said))


def _put(webhooks: Webhooks, one: Webhook, wanted: Wanted, secret: str = "") -> Webhook:
    told = webhooks.update(mended(one, wanted), secret=secret)
    return told if told.enabled is wanted.enabled else webhooks.enable(told, enabled=wanted.enabled)


def find(webhooks: Webhooks, webhook_id: int) -> Webhook:
    """As the portal lists it now."""
    for one in webhooks.list():
        if one.id == webhook_id:
            return one
    raise NotKeptError(f"the portal does not list webhook {webhook_id}, which it has just told of: repeat this")


def under_way(client: Client, webhook_id: int) -> bool:
    """Whether a delivery may end that puts all back to what was at its beginning; False where it is not told."""
    try:
        rows = newest(client, webhook_id)
    except IntakeError:
        return False
    return bool(waiting(rows, datetime.now(UTC)))
