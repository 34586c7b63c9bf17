"""Which uploads are asked for, and where a page of them begins. Values only; `pages` looks for them."""

import re
from dataclasses import dataclass
from typing import Self

from shared.store.history.upload import Standing, State, Upload

_CURSOR = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)_(.{0,1000})", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What each part asks for must be so."""

    words: tuple[str, ...] = ()
    """Each is part of the title, of the room's title or of the uploader's name, in any case."""
    room: str | None = None
    """Its id."""
    room_title: str | None = None
    """A part of it, in any case."""
    state: State | None = None
    standing: Standing | None = None
    from_at: float | None = None
    """It came in then or later, in seconds since the epoch."""
    until_at: float | None = None
    """It came in before."""


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two uploads in the order of pages: when one came in, and its correlation id."""

    first_at: float
    correlation_id: str

    @classmethod
    def of(cls, upload: Upload) -> Self:
        return cls(upload.first_at, upload.correlation_id)

    @classmethod
    def parse(cls, text: str) -> Self:
        """ValueError for what `str` did not write."""
        found = _CURSOR.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no place in the list of uploads")
        return cls(float(found[1]), found[2])

    def __str__(self) -> str:
        return f"{self.first_at!r}_{self.correlation_id}"


@dataclass(frozen=True, slots=True)
class Page:
    """Some uploads, the one that came in last first."""

    uploads: tuple[Upload, ...]
    older: Cursor | None
    """What `before` takes for the next page; None: there is none."""
    newer: Cursor | None
    """What `after` takes for the page before this one; None: there is none."""

    @property
    def is_all(self) -> bool:
        """Whether there is nothing before or after it."""
        return self.older is None and self.newer is None
