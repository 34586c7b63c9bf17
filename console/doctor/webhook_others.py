"""Other users' webhooks, as far as they can be seen: one that calls us too, one whose owner is gone. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from console.doctor.line import Line
from console.doctor.webhook_config import AREA, label
from console.webhook.private import DELETED
from console.webhook.remedy import ADMINISTRATOR
from shared.docspace.webhooks import REMOVED, Webhook


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What the ingress counted since it started."""

    refused: int
    """Signed with a secret that it does not have."""
    last: datetime | None = None
    """When the last came that it took; None for never."""


def owner(webhook: Webhook, own_id: str | None, *, disabled: bool) -> Iterator[Line]:
    """Of one that calls us; `own_id` is the service user's, `disabled` whether the owner is."""
    remove = f"its owner or an administrator removes it: intake webhook remove {webhook.id} with their key"
    if webhook.owner_id == REMOVED or disabled:
        end = "was removed" if webhook.owner_id == REMOVED else "is disabled"
        yield AREA.warning(
            f"the owner of {label(webhook)} {end}: it goes on calling us",
            f"an administrator alone can change or remove it: intake webhook remove {webhook.id} with their key, "
            "then register with the service user's",
            cause="owner-gone",
        )
    elif webhook.owner_id and own_id and webhook.owner_id != own_id:
        name = webhook.owner_name or "another user"
        yield AREA.warning(
            f"{label(webhook)}, which calls us, is another user's: {name}", remove, cause="of-another"
        )


def unseen(found: Sequence[Webhook], arrivals: Arrivals | None, *, sees_all: bool | None) -> Iterator[Line]:
    """Beside those of ours that are seen: refused events, which are none of theirs, tell of another sender."""
    refused_ours = any("401" in (one.last_failure or "") for one in found)
    if arrivals and arrivals.refused and not refused_ours and not sees_all:
        yield AREA.warning(
            f"the ingress refused {arrivals.refused} events since it started, which are signed otherwise: "
            "another user's webhook may call us too",
            ADMINISTRATOR,
            cause="refused-events",
        )


def none(listed: Sequence[Webhook], url: str | None, arrivals: Arrivals | None, *, sees_all: bool | None) -> Line:
    """Where none of those that are seen calls us. What is not seen may be there all the same."""
    where = url or "an address that ends in /docspace/webhook"
    others = ", ".join(f"{label(webhook)} calls {webhook.url}" for webhook in listed)
    beside = f"; {others}" if others else ""
    register = f"intake webhook register {url or 'https://your.host/docspace/webhook'}"
    if sees_all:
        return AREA.failed(f"no webhook of the portal calls {where}{beside}", register, cause="missing")
    return AREA.failed(
        f"of those that the service user may see, none calls {where}{_came(arrivals)}{beside}",
        f"{register}; but where another service user was before, theirs may call it unseen: first {ADMINISTRATOR}",
        cause="missing",
    )


def deleted(url: str | None, private: str | None) -> Iterator[Line]:
    """Where none calls us: what the portal probably did with the one that did. `private` is an address of the url's
    host.
    """
    if url and private:
        yield AREA.warning(
            f"the portal probably deleted it: {url} leads to {private}, a private address. {DELETED}",
            "give WEBHOOK_URL an address that the portal may call; or allow this one in the portal's "
            "webhooks.blacklist, then intake webhook register",
            cause="deleted",
        )


def _came(arrivals: Arrivals | None) -> str:
    if arrivals is None or arrivals.last is None:
        return ""
    at = f"{arrivals.last:%Y-%m-%d %H:%M:%S} UTC"
    return f", yet an event came at {at}: by one that was removed since, or by another user's"
