"""One field of an answer, read on its own, so that a strange value does not spoil the rest. Pure.

Every reader returns None if the field is missing, null or of another type. Then the portal did not say.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import msgspec
from msgspec.json import Decoder

from shared.text.reading import UNREADABLE
from shared.wire.events import EntryId

T = TypeVar("T")

Field = msgspec.Raw
ABSENT = msgspec.Raw(b"null")

Id = int | Annotated[str, msgspec.Meta(min_length=1)]
"""The id of a file or folder: a whole number or a text that is not empty. 7.0, true and "" are none."""

WholeId = int | Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,18}$")]
"""The id of a webhook, a trigger or a row of the log: a whole number, or one written as text. Read it with
`int`."""


def reader(decoder: Decoder[T]) -> Callable[[Field], T | None]:
    decode = decoder.decode

    def read(field: Field) -> T | None:
        if field is ABSENT:
            return None
        try:
            return decode(field)
        except UNREADABLE:
            return None

    return read


text = reader(Decoder(str))
truth = reader(Decoder(bool))
"""A boolean only: 1 and "true" say nothing."""
whole = reader(Decoder(int, strict=False))
"""A whole number, also as 7.0 or as text."""
number = reader(Decoder(int | float))
entry_id: Callable[[Field], EntryId | None] = reader(Decoder(Id))
items = reader(Decoder(list[Field]))
_names = reader(Decoder(dict[str, Field] | list[Field] | str))


def people(field: Field) -> list[str | None]:
    """Names out of an object {user id: name}, a list of names or one name. None for a user without a name."""
    told = _names(field)
    if not told:
        return []
    if isinstance(told, str):
        return [told]
    return [text(name) for name in (told.values() if isinstance(told, dict) else told)]


def words(field: Field) -> tuple[str, ...]:
    """The texts of a list. Any other entry is kept as its JSON, so that a list of such entries is not an empty
    one.
    """
    return tuple(
        bytes(entry).decode(errors="replace") if (said := text(entry)) is None else said
        for entry in items(field) or ()
    )


def moment(said: str | None) -> datetime | None:
    """A time in UTC; None if it cannot be read. Without a time zone it counts as UTC. The portal's seven digits
    are cut to microseconds.
    """
    try:
        found = datetime.fromisoformat(said or "")
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # the first hours of the year 1, in the east
        return None
