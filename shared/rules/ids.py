"""Portal ids as people write them. The portal sends numbers, and texts for third-party storage."""

import re

from shared.events import EntryId

_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


def entry_id(value: object) -> EntryId:
    """The id as the portal's API takes it: a number wherever it looks like one. ValueError if it cannot be one."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**18:
        return value
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise ValueError("is not an id: a whole number above 0, or a text for third-party storage")


def id_text(value: EntryId) -> str:
    """The id as one text, so that 86190, "86190" and " 86190 " compare equal."""
    text = str(value).strip()
    return str(int(text)) if _NUMBER.fullmatch(text) else text
