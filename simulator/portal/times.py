"""How the portal writes a time, which differs between its API, its webhooks and its log. Pure.

`offset` is the portal's offset from UTC.
"""

from datetime import UTC, datetime, timedelta, timezone


def api(moment: datetime, offset: timedelta) -> str:
    """In the API: in the portal's zone with seven digits, `…03.0538910+05:30`, or `…Z` if that is UTC."""
    local = moment.astimezone(timezone(offset))
    zone = local.isoformat()[-6:] if offset else "Z"
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond:06d}0{zone}"


def glued(moment: datetime, offset: timedelta) -> str:
    """In the dates of users: the time in UTC with the portal's offset appended, so it is wrong by the offset."""
    return api(moment.astimezone(UTC) - offset, offset)


def payload(moment: datetime) -> str:
    """For an entry in a webhook: UTC, to the microsecond, without zeros at the end."""
    return _cut(moment.astimezone(UTC)) + "Z"


def whole(moment: datetime) -> str:
    """For an event in a webhook: UTC in whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def bare(moment: datetime) -> str:
    """For the last success in a retried webhook: UTC without a zone."""
    return _cut(moment.astimezone(UTC))


def configured(moment: datetime, offset: timedelta) -> str:
    """In a webhook's configuration: the portal's local time, labelled as UTC."""
    return _cut(moment.astimezone(UTC) + offset) + "+00:00"


def logged(moment: datetime, offset: timedelta) -> str:
    """In the webhook log: UTC minus the portal's offset, labelled as UTC."""
    return _cut(moment.astimezone(UTC) - offset) + "Z"


def _cut(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}".rstrip("0").rstrip(".")
