"""What one check of one rule found: what it saw, what it wanted, and the sentence if it failed.

A finding holds what was compared and makes its words on demand: the classifier reads those of one in many.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from shared.rules.model import Rule
from shared.rules.place import Folder
from shared.rules.rooms import RoomTest
from shared.wire.events import EntryId

HIDDEN = "a folder that the service user may not see"


class Check(IntEnum):
    """The checks, in the order in which they are made."""

    TRIGGER = 1
    KIND = 2
    OWN_DOING = 3
    ROOM = 4
    TITLE = 5

    def __str__(self) -> str:
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class Finding:
    """The base; each check has its own."""

    check: ClassVar[Check]

    rule: Rule
    passed: bool

    @property
    def seen(self) -> str:
        raise NotImplementedError

    @property
    def wanted(self) -> str:
        raise NotImplementedError

    @property
    def sentence(self) -> str:
        """Of one that failed."""
        return f'rule "{self.rule.name}": {self._why()}'

    def _why(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class TriggerFinding(Finding):
    check = Check.TRIGGER

    trigger: str

    @property
    def seen(self) -> str:
        return self.trigger

    @property
    def wanted(self) -> str:
        triggers = self.rule.triggers
        return triggers[0] if len(triggers) == 1 else f"one of {', '.join(triggers)}"

    def _why(self) -> str:
        return f"trigger {self.seen} is not {self.wanted}"


@dataclass(frozen=True, slots=True)
class KindFinding(Finding):
    """Passed: it is a file."""

    check = Check.KIND

    @property
    def seen(self) -> str:
        return "a file" if self.passed else "a folder"

    @property
    def wanted(self) -> str:
        return "a file"

    def _why(self) -> str:
        return "the entry is a folder, not a file"


@dataclass(frozen=True, slots=True)
class OwnDoingFinding(Finding):
    """`by_us`: the actor is the service user; else, where it failed, `folder` is the destination."""

    check = Check.OWN_DOING

    actor: str | None
    folder: EntryId | None
    by_us: bool

    @property
    def seen(self) -> str:
        user, folder = f"user {self.actor or 'unknown'}", f"folder {self.folder or 'unknown'}"
        if self.passed:
            return f"{user}, {folder}"
        return user if self.by_us else folder

    @property
    def wanted(self) -> str:
        return "an upload by someone else, outside the destination"

    def _why(self) -> str:
        return f"{self.seen} is {'the service user itself' if self.by_us else 'the destination already'}"


@dataclass(frozen=True, slots=True)
class RoomFinding(Finding):
    """`path` is None where the service user may not see the folder, and empty where nobody needed to ask for it.

    `by`: what the room fits, where the rule does not name it by its id.
    """

    check = Check.ROOM

    folder: EntryId | None
    path: Sequence[Folder] | None
    by: RoomTest | None = None

    @property
    def seen(self) -> str:
        if self.path is None:
            return HIDDEN
        place = " / ".join(step.title or str(step.id) for step in self.path)
        folder = f"folder {self.folder} ({place})" if place else f"folder {self.folder}"
        return f'{folder}; this room fits rule "{self.rule.name}" {self.by.by}' if self.by else folder

    @property
    def wanted(self) -> str:
        return self.rule.wanted_rooms

    def _why(self) -> str:
        return f"{self.seen} is not in {self.wanted}"


@dataclass(frozen=True, slots=True)
class TitleFinding(Finding):
    check = Check.TITLE

    title: str

    @property
    def seen(self) -> str:
        return self.title

    @property
    def wanted(self) -> str:
        return " or ".join(test.wish for test in self.rule.titles)

    def _why(self) -> str:
        return f'title "{self.seen}" does not {self.wanted}'
