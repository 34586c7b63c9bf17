"""Which page has which generated parts, and which file is generated as a whole.

A part stands between two comments. All else of a page is written by hand, and stays.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from scripts.reference import codes, commands, compose, database_roles, events, metrics, packages, roles, settings

ROOT = Path(__file__).resolve().parents[2]

Part = Callable[[], str]

PARTS: dict[str, dict[str, Part]] = {
    "docs/reference/settings.md": {"settings": settings.sections, "compose": compose.sections},
    "docs/reference/commands.md": {"index": commands.index, "commands": commands.sections},
    "docs/reference/failures.md": {"codes": codes.sections},
    "docs/reference/metrics-and-logs.md": {"metrics": metrics.sections},
    "docs/reference/broker-users.md": {"roles": roles.sections},
    "docs/reference/database-roles.md": {"roles": database_roles.sections},
    "docs/reference/packages.md": {"packages": packages.section},
}
WHOLE: dict[str, Part] = {
    "docs/reference/events.md": events.page,
    "docs/reference/asyncapi.json": events.document,
}


class NoPlaceError(ValueError):
    """A page lacks the two comments of a part."""


def renewed(text: str, parts: Mapping[str, Part]) -> str:
    """The page with its generated parts written anew; NoPlaceError for a part that it has no place for."""
    for name, part in parts.items():
        place = re.compile(rf"(<!-- {name}: written by make docs -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        if len(place.findall(text)) != 1:
            raise NoPlaceError(f"there is not one place for {name}")
        written = f"\n{part().strip()}\n\n"
        text = place.sub(lambda found, written=written: found[1] + written + found[2], text)  # type: ignore[misc]
    return text
