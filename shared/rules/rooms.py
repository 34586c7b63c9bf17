"""Which rooms a rule takes by what they are called (`Client *`) or tagged, without knowing their ids.

In a name `*` stands for any characters and `?` for one, and nothing else is special: DocSpace takes neither of the
two into a title, so no room's own name is read as a pattern. Compared is the whole name, in any case.
"""

import fnmatch
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Self

from shared.rules.place import Folder
from shared.rules.titles import normalise


@dataclass(frozen=True, slots=True)
class RoomTest:
    """The base; each kind has its own. Of two kinds, or of two texts, no two are equal."""

    by: ClassVar[str]
    """By which a room fits: `by its name`."""
    said: ClassVar[str]
    """How a room that fits is described: `named`."""

    text: str
    """As written."""
    _takes: Callable[[str], bool] = field(repr=False, compare=False)
    """Given a normalised name or tag."""

    @classmethod
    def read(cls, value: object) -> "RoomTest":
        """Of what stands in a rule; ValueError says what is wrong with it."""
        if isinstance(value, cls):
            return value
        if not isinstance(value, str):
            raise ValueError("must be a text in quotes")  # noqa: TRY004 - what pydantic tells of
        wanted = normalise(value)
        if not wanted:
            raise ValueError(cls._empty())
        return cls._of(value.strip(), wanted)

    def fits(self, room: Folder) -> bool:
        raise NotImplementedError

    def __str__(self) -> str:
        """As a person says it: `named "Client *"`."""
        return f'{self.said} "{self.text}"'

    @classmethod
    def _of(cls, text: str, wanted: str) -> Self:
        raise NotImplementedError

    @classmethod
    def _empty(cls) -> str:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class RoomName(RoomTest):
    by = "by its name"
    said = "named"

    def fits(self, room: Folder) -> bool:
        return self._takes(normalise(room.title))

    @classmethod
    def _of(cls, text: str, wanted: str) -> Self:
        # linear: what follows a star is taken where it is found first, and never tried elsewhere
        compiled = re.compile(fnmatch.translate(wanted.replace("[", "[[]")))
        return cls(text, lambda name: compiled.match(name) is not None)

    @classmethod
    def _empty(cls) -> str:
        return 'an empty name fits no room; write "*" for every room'


@dataclass(frozen=True, slots=True)
class RoomTag(RoomTest):
    by = "by its tag"
    said = "tagged"

    def fits(self, room: Folder) -> bool:
        return any(self._takes(normalise(tag)) for tag in room.tags)

    @classmethod
    def _of(cls, text: str, wanted: str) -> Self:
        return cls(text, lambda tag: tag == wanted)

    @classmethod
    def _empty(cls) -> str:
        return "an empty tag is on no room"
