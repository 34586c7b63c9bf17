"""What a check found: one line for a person, with the mend where there is something to mend."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Line:
    level: Level
    area: str
    text: str
    mend: str = ""
    """What a person does next; empty where all is well."""


@dataclass(frozen=True, slots=True)
class Area:
    """Makes the lines of one area."""

    name: str

    def ok(self, text: str) -> Line:
        return Line(Level.OK, self.name, text)

    def warning(self, text: str, mend: str) -> Line:
        return Line(Level.WARNING, self.name, text, mend)

    def failed(self, text: str, mend: str) -> Line:
        return Line(Level.FAILED, self.name, text, mend)
