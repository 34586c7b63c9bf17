"""In what the simulator may differ from what was recorded, and why: the one list."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Tolerated:
    what: str
    """A regular expression for a whole line of `compare.differences`."""
    why: str
    where: str = ".*"
    """Of the recorded names."""

    def covers(self, name: str, line: str) -> bool:
        return bool(re.fullmatch(self.where, name) and re.fullmatch(self.what, line))


DIFFERENCES = (
    Tolerated(
        r".*\.lastOpened: not here", "tells when the asker looked at the file in a browser; here there is none"
    ),
    Tolerated(
        r".*\.sharedBy: not here", "comes and goes with the order of earlier calls; what decided it was not found"
    ),
    Tolerated(
        r".*\.fileStatus: 2 there, 0 here", "the asker has not seen the file yet; here nobody's looks are counted"
    ),
    Tolerated(
        r"\.payload\.(createOn|modifiedOn): written whole Z there, cut Z here",
        "a database that keeps whole seconds; the one that was run kept microseconds, as it is here",
        r"body-3\.7\.2",
    ),
    Tolerated(
        r"\.links: 0 items there, 1 here",
        "left out of the recording",
        r"more-archive-finished|more-quota-move-finished",
    ),
    Tolerated(
        r"\.response\[\]\.status: 0 there, 1 here",
        "seen 0 this once, over a message bus; 1 in every other answer to a move",
        r"more-quota-move",
    ),
    Tolerated(
        r"\.response\.creationTime: written \.7 Z there, cut Z here",
        "of a moment that was not read back from the database yet; a Python one has six digits",
        r"hook-retry",
    ),
    Tolerated(r"\.count: 9 there, 2 here", "as many as the room has members", r"more-room-share"),
    Tolerated(r".*\.thumbnailStatus: 3 there, 0 here", "the server's attempt to draw a picture of the file"),
)
"""Of answers that are there on both sides."""


def intolerable(name: str, lines: Iterable[str]) -> list[str]:
    return [line for line in lines if not any(item.covers(name, line) for item in DIFFERENCES)]


@dataclass(frozen=True)
class SdkWrong:
    """In what docspace-api-sdk 3.7.0 refuses what the real portal answers."""

    where: str
    """A regular expression for the place in the answer."""
    kind: str
    """Of pydantic's error."""
    why: str

    def covers(self, where: str, kind: str) -> bool:
        return kind == self.kind and re.fullmatch(self.where, where) is not None


SDK_WRONG = (
    SdkWrong(
        r".*\.(created|updated|autoDelete|lastOpened|createOn|lastUsed|registrationDate)",
        "model_type",
        "it declares a moment as an object of two members; the portal writes a text",
    ),
    SdkWrong(r".*\.triggers", "enum", "it knows one trigger or all; the portal adds up several"),
    SdkWrong(r".*\.externalResources", "model_type", "left out of the recording, and so here"),
)
