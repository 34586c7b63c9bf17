"""The languages and time zones that a person can be told in. Whoever writes one that is none is told at once."""

import difflib
from zoneinfo import ZoneInfo, available_timezones

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl")
"""Each but English has a catalogue, `shared/announcing/catalogues/de.po`."""


def known_language(value: str) -> str:
    if value not in LANGUAGES:
        raise ValueError(f'"{value}" is no language of the messages; it is one of {", ".join(LANGUAGES)}')
    return value


def known_timezone(value: str) -> str:
    """An IANA name, such as `Europe/Berlin`."""
    try:
        ZoneInfo(value)
    except (ValueError, OSError, LookupError):
        near = difflib.get_close_matches(value, available_timezones(), n=1)
        hint = f'did you mean "{near[0]}"?' if near else 'write one such as "Europe/Berlin"'
        raise ValueError(f'"{value}" is no time zone of IANA; {hint}') from None
    return value
