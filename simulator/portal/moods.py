"""The mood of the whole portal: suspended, in another time zone, behind a proxy that interferes. No I/O."""

import re
import threading
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import timedelta
from enum import IntEnum
from typing import Any

from simulator.errors import BadRequestError

OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
REDIRECTS = (301, 302)
PAGES = (0, 200, 503)
LANGUAGES = ("en", "de")


class Tenant(IntEnum):
    """`tenantStatus` in GET settings. An unpaid portal is shown as active."""

    ACTIVE = 0
    SUSPENDED = 1
    RESTORING = 4


STATES = {
    "active": Tenant.ACTIVE,
    "suspended": Tenant.SUSPENDED,
    "restoring": Tenant.RESTORING,
    "unpaid": Tenant.ACTIVE,
}


@dataclass(frozen=True)
class Mood:
    state: str = "active"
    """One of STATES."""
    maintenance: int = 0
    """The status of a page of HTML that is the answer to every request; 0: there is no such page."""
    renamed: str = ""
    """The address to which every request is redirected; empty: none is."""
    redirect: int = 301
    drop_key: bool = False
    """Whether a proxy removes the Authorization header."""
    key_off: bool = False
    """Whether the service user's keys are switched off."""
    timezone: str = "+00:00"
    language: str = "en"
    """The language of the service user."""
    most_rooms: int | None = None
    """How many rooms the tariff allows; None: no limit."""
    no_editing_by: bool = False
    """Whether `editingBy` is missing for a file that nobody has open, as before 3.7.1."""

    @property
    def offset(self) -> timedelta:
        sign, hours, minutes = self.timezone[0], int(self.timezone[1:3]), int(self.timezone[4:])
        offset = timedelta(hours=hours, minutes=minutes)
        return -offset if sign == "-" else offset


def parse(document: object, now: Mood) -> Mood:
    """The mood `now`, changed as the document says. Raises BadRequestError that says what is wrong with it."""
    if not isinstance(document, dict):
        raise BadRequestError("the portal's mood must be a JSON object")
    known = {item.name: item.type for item in fields(Mood)}
    if unknown := sorted(set(document) - set(known)):
        raise BadRequestError(f"unknown moods: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    mood = replace(now, **document)
    allowed: dict[str, tuple[Any, ...]] = {
        "state": tuple(STATES), "maintenance": PAGES, "redirect": REDIRECTS, "language": LANGUAGES,
        "drop_key": (False, True), "key_off": (False, True),
        "no_editing_by": (False, True),
    }  # fmt: skip
    for name, values in allowed.items():
        if getattr(mood, name) not in values:
            raise BadRequestError(f"{name} is one of {', '.join(map(str, values))}")
    if not isinstance(mood.timezone, str) or not OFFSET.fullmatch(mood.timezone):
        raise BadRequestError("timezone is an offset such as +05:30")
    if not isinstance(mood.renamed, str) or not isinstance(mood.most_rooms, int | None):
        raise BadRequestError("renamed is an address or empty, most_rooms a number or null")
    return mood


@dataclass
class Moods:
    """The mood in force."""

    _now: Mood = field(default_factory=Mood)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def now(self) -> Mood:
        return self._now

    def change(self, document: object) -> Mood:
        with self._lock:
            self._now = parse(document, self._now)
            return self._now

    def clear(self) -> None:
        with self._lock:
            self._now = Mood()

    def as_json(self) -> dict[str, Any]:
        return asdict(self._now)
