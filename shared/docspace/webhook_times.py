"""Corrects the times of a webhook's configuration. Pure.

The portal gives them in its own time zone and labels them +00:00 (tests/recorded/read-webhook-list-in-
timezone.json). It gives only its present offset from UTC, so a time in the other half of the year may be wrong by
an hour.
"""

import re
from datetime import datetime, timedelta

from shared.docspace.field import moment

_OFFSET = re.compile(r"(-?)(\d{1,2}):(\d\d):\d\d", re.ASCII)


def offset(said: str | None) -> timedelta | None:
    """From the portal's `utcOffset`, such as `-05:00:00` or `05:30:00`."""
    found = _OFFSET.fullmatch(said or "")
    if not found:
        return None
    sign, hours, minutes = found.groups()
    size = timedelta(hours=int(hours), minutes=int(minutes))
    return -size if sign else size


def true_time(said: str | None, portal: timedelta) -> datetime | None:
    """The time in UTC; None if there is none or it cannot be read."""
    found = moment(said)
    return None if found is None else found - portal
