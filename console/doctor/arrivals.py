"""What the ingress counted, where its health page can be read: how many events came, and with which secret."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from console.connect.worker_pages import WorkerPage, ask, every
from console.doctor.line import Area, Line
from console.doctor.webhook_others import Arrivals

AREA = Area("ingress")


def arrivals(addresses: Sequence[str]) -> Arrivals | None:
    """Of all ingresses among the health ports together; None where none told."""
    pages = _pages(addresses)
    if not pages:
        return None
    last = max((use.last_at for page in pages for use in page.secrets if use.last_at), default=None)
    refused = sum(page.refused or 0 for page in pages)
    return Arrivals(refused, None if last is None else datetime.fromtimestamp(last, UTC))


def signatures(addresses: Sequence[str]) -> Iterator[Line]:
    """Of each ingress with several secrets, which of them the last event was signed with."""
    for page in _pages(addresses):
        used = [use for use in page.secrets if use.last_at is not None]
        if len(page.secrets) < 2 or not used:  # noqa: PLR2004 - with one there is no question
            continue
        last = max(used, key=lambda use: use.last_at or 0.0)
        at = datetime.fromtimestamp(last.last_at or 0.0, UTC)
        which = f"secret {last.place} of {len(page.secrets)}"
        told = f"the last event that came to {page.address}, at {at:%Y-%m-%d %H:%M:%S} UTC, was signed with {which}"
        if last.place == len(page.secrets):
            yield AREA.ok(told)
        else:
            mend = "keep both, and call intake webhook rotate: it gives the portal the last one, and proves it"
            yield AREA.warning(f"the portal still signs with the old one: {told}", mend, cause="old-secret")


def _pages(addresses: Sequence[str]) -> list[WorkerPage]:
    """Each ingress once, though it is named twice."""
    return [page for page in map(ask, dict.fromkeys(every(addresses))) if page.secrets]
