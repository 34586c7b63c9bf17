"""What a check found: one line for a person, with the mend where there is something to mend."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


UNSEEN = "unseen"
"""How the cause of a line begins that says what could not be looked at."""


@dataclass(frozen=True, slots=True)
class Line:
    level: Level
    area: str
    text: str
    mend: str = ""
    """What a person does next; empty where all is well."""
    cause: str = ""
    """Short and stable, within its area: the text may change. Empty where all is well."""
    count: int | None = None
    """Of how many the text speaks; None where it is no number of things."""
    since: float | None = None
    """Seconds since the epoch."""
    example: str = ""
    """One of them, as a person calls it."""
    stage: str = ""
    """The worker that it is about."""

    @property
    def unseen(self) -> bool:
        """Whether it says that something could not be looked at."""
        return self.cause.startswith(UNSEEN)


@dataclass(frozen=True, slots=True)
class Area:
    """Makes the lines of one area."""

    name: str

    def ok(self, text: str) -> Line:
        return Line(Level.OK, self.name, text)

    def unseen(self, text: str) -> Line:
        """What could not be looked at, and is no fault of the installation."""
        return Line(Level.OK, self.name, text, cause=UNSEEN)

    def warning(self, text: str, mend: str, *, cause: str) -> Line:
        return Line(Level.WARNING, self.name, text, mend, cause)

    def failed(self, text: str, mend: str, *, cause: str) -> Line:
        return Line(Level.FAILED, self.name, text, mend, cause)
