"""What the address of the list asks for: a filter for the history, and back again an address. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from console.history.dates import begin, end, named_day
from shared.rules.ids import entry_id, id_text, is_address
from shared.store.history.filter import EVERYTHING, Filter
from shared.store.history.upload import Standing

STANDINGS = {standing.value.replace(" ", "-"): standing for standing in Standing}
"""As the address says them."""
MOST_WORDS, MOST_CHARS = 8, 400
_ID = re.compile(r"[0-9a-f]{8}[0-9a-f-]{0,28}|[0-9]{1,18}")
"""The number at a mail's foot, whole or its beginning; or the portal's number of a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    q: str = ""
    room: str = ""
    state: str = ""
    from_: str = ""
    to: str = ""
    literal: bool = False
    """A word that names a day is a word."""
    filter: Filter = EVERYTHING
    day_word: str = ""
    """Of `q`, the word that was taken for a day."""
    faults: tuple[str, ...] = ()
    """What was typed that means nothing here; the filter is without it."""

    @property
    def id(self) -> str | None:
        """What may be an id of one upload: an upload's, or a file's, also out of a link."""
        text = self.q.strip()
        if "://" in text:
            try:
                return id_text(entry_id(text, "file"))
            except ValueError:
                return None
        return text.lower() if _ID.fullmatch(text.lower()) else None

    @property
    def is_one(self) -> bool:
        """A link that names no room: of a file, or of nothing. The filter would find what it does not name."""
        return "://" in self.q and not self.filter.room

    @property
    def is_narrow(self) -> bool:
        return bool(self.q or self.room or self.state or self.from_ or self.to)

    def query(self, **others: str) -> str:
        """What stands behind the `?`; `others` replace or add. Empty ones are left out."""
        told = {
            "q": self.q, "room": self.room, "state": self.state, "from": self.from_, "to": self.to,
            "literal": "1" if self.literal else "",
        } | others  # fmt: skip
        return urlencode({name: value for name, value in told.items() if value})


def asked(first: Callable[[str], str], now: float, zone: ZoneInfo) -> Asked:
    """`first` gives the value of a name in the address, "" where there is none."""
    faults: list[str] = []
    q, room, state = first("q")[:MOST_CHARS], first("room"), first("state")
    literal = bool(first("literal"))
    from_at, until_at = (_moment(name, first(name), now, zone, faults) for name in ("from", "to"))
    if state and state not in STANDINGS:
        faults.append(f"state {state!r} is none of {', '.join(STANDINGS)}")
    words, named = _words(q, now, zone, wants_day=not literal and not first("from") and not first("to"))
    if "://" in q:
        words, room = (), room or _room_in(q)
    if named:
        from_at, until_at = begin(named, now, zone), end(named, now, zone)
    wanted = Filter(
        words=words, room=room or None, standing=STANDINGS.get(state), from_at=from_at, until_at=until_at
    )
    return Asked(
        q=q, room=room, state=state, from_=first("from"), to=first("to"), literal=literal, filter=wanted,
        day_word=named, faults=tuple(faults),
    )  # fmt: skip


def _words(q: str, now: float, zone: ZoneInfo, *, wants_day: bool) -> tuple[tuple[str, ...], str]:
    """The words, without the last that names a day, and that one."""
    words = q.split()[:MOST_WORDS]
    days = [word for word in words if wants_day and _is_day(word, now, zone)]
    if not days:
        return tuple(words), ""
    words.reverse()
    words.remove(days[-1])
    return tuple(reversed(words)), days[-1]


def _is_day(word: str, now: float, zone: ZoneInfo) -> bool:
    """Not 2026-02-30."""
    try:
        return named_day(word) and begin(word, now, zone) <= now
    except ValueError:
        return False


def _moment(name: str, text: str, now: float, zone: ZoneInfo, faults: list[str]) -> float | None:
    if not text:
        return None
    try:
        return end(text, now, zone) if name == "to" else begin(text, now, zone)
    except ValueError as error:
        faults.append(f"{name}: {error}")
        return None


def _room_in(link: str) -> str:
    """Of a link to a room; "" where it names none, or a file too."""
    try:
        return id_text(entry_id(link, "folder")) if is_address(link) else ""
    except ValueError:
        return ""
