"""The one sentence of the first page, as what it says; the words are the template's. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

CLOSING = time(17)
"""The day of who looks in the morning begins when they left."""


class Says(StrEnum):
    UNKNOWN = "unknown"
    """What happened cannot be read."""
    NEEDED = "needed"
    """Some things need a person."""
    UNDER_WAY = "under way"
    SETTLED = "settled"
    NOTHING = "nothing"
    """No upload came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    says: Says
    since: float
    problems: int = 0
    uploads: int = 0
    under_way: int = 0
    unseen: int = 0
    """What could not be looked at: then nothing is said to be well."""

    @property
    def well(self) -> bool:
        return self.says in (Says.SETTLED, Says.NOTHING) and not self.unseen


def summary(since: float, problems: int, uploads: int | None, under_way: int | None, unseen: int = 0) -> Summary:
    """`uploads` and `under_way` since then; None where the history cannot be asked."""
    if problems:
        says = Says.NEEDED
    elif uploads is None or under_way is None:
        says = Says.UNKNOWN
    elif under_way:
        says = Says.UNDER_WAY
    else:
        says = Says.SETTLED if uploads else Says.NOTHING
    return Summary(
        says=says, since=since, problems=problems, uploads=uploads or 0, under_way=under_way or 0, unseen=unseen
    )


def since_closing(now: float, zone: ZoneInfo) -> float:
    """Yesterday at 17:00."""
    yesterday = datetime.fromtimestamp(now, zone).date() - timedelta(days=1)
    return datetime.combine(yesterday, CLOSING, zone).timestamp()


def midnight(now: float, zone: ZoneInfo) -> float:
    """When today began."""
    return datetime.combine(datetime.fromtimestamp(now, zone).date(), time(), zone).timestamp()
