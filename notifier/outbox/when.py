"""When a channel is told that is not told at once. Pure."""

from notifier.due import due_at
from shared.rules.digest import AtMostEvery, AtOnce
from shared.rules.telling import Telling
from shared.store.outbox.joining import When


def when(telling: Telling) -> When | None:
    """None: at once, at all hours."""
    digest = telling.digest or AtOnce()
    if isinstance(digest, AtOnce) and telling.hours is None:
        return None
    return When(
        due=lambda now, quiet_until: due_at(now, digest, telling.hours, telling.timezone or "UTC", quiet_until),
        quiet_s=digest.seconds if isinstance(digest, AtMostEvery) else 0.0,
    )
