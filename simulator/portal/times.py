"""How the portal writes a moment, which differs between its API, its webhooks and its log. Pure.

`offset` is the portal's own, from UTC.
"""

from datetime import UTC, datetime, timedelta, timezone


def api(moment: datetime, offset: timedelta) -> str:
    """In the portal's zone, with seven digits: `…03.0538910+05:30`, or `…Z` where that is UTC."""
    local = moment.astimezone(timezone(offset))
    zone = local.isoformat()[-6:] if offset else "Z"
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond:06d}0{zone}"


def glued(moment: datetime, offset: timedelta) -> str:
    """The moment in UTC with the portal's offset behind it, as people's dates are told: wrong by the offset."""
    return api(moment.astimezone(UTC) - offset, offset)


def payload(moment: datetime) -> str:
    """What a webhook tells of an entry: UTC, to the microsecond, without zeros at the end."""
    return _cut(moment.astimezone(UTC)) + "Z"


def whole(moment: datetime) -> str:
    """What a webhook tells of an event: UTC in whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def bare(moment: datetime) -> str:
    """UTC without a sign of it, as a retried webhook tells its last success."""
    return _cut(moment.astimezone(UTC))


def configured(moment: datetime, offset: timedelta) -> str:
    """Of a webhook's configuration: the portal's local time, labelled as UTC."""
    return _cut(moment.astimezone(UTC) + offset) + "+00:00"


def logged(moment: datetime, offset: timedelta) -> str:
    """Of the webhook log: UTC minus the portal's offset, labelled as UTC."""
    return _cut(moment.astimezone(UTC) - offset) + "Z"


def _cut(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}".rstrip("0").rstrip(".")
