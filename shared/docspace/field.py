"""One field of an answer: kept as it came and read on its own, so that what it holds cannot cost the rest. Pure.

Every reader gives None where the field is absent, null or of another type: the portal did not say.
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
"""Of a file or folder: a whole number or a text that holds something. 7.0, true and "" are none."""

WholeId = int | Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,18}$")]
"""Of a webhook, a trigger or a row of the log: a whole number, or one written as text. To be read with `int`."""


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
    """Whom an object {user id: name} tells of, or a list of names, or one name; None for whom it does not name."""
    told = _names(field)
    if not told:
        return []
    if isinstance(told, str):
        return [told]
    return [text(name) for name in (told.values() if isinstance(told, dict) else told)]


def words(field: Field) -> tuple[str, ...]:
    """The texts of a list; any other entry as the JSON that it is, so that a list of them is not an empty one."""
    return tuple(
        bytes(entry).decode(errors="replace") if (said := text(entry)) is None else said
        for entry in items(field) or ()
    )


def moment(said: str | None) -> datetime | None:
    """A time of the portal in UTC, from its own time zone or where it names none from UTC; None if unreadable.

    To the microsecond: of the portal's seven digits the last is cut off.
    """
    try:
        found = datetime.fromisoformat(said or "")
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # the first hours of the year 1, in the east
        return None
