"""The uploads of a list: all that a filter of the history finds, as an action carries it in its own filter.

Days are moments in it, so that a list of "friday" is the same one on Saturday.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from console.actions.verb import BadFilterError, Filter
from shared.store.history.filter import Filter as Listed
from shared.store.history.queries import Queries
from shared.store.history.upload import Standing, Upload

PART = "uploads"
"""What the list's filter is called in the action's."""
MOST = 10_000
"""Uploads of a list that are counted one by one. Of more nobody knows what they would do."""
LATEST_S = 10**11
"""In the year 5138."""
_A_PAGE = 1_000


def as_part(listed: Listed) -> dict[str, Any]:
    """JSON; what `listed_in` reads."""
    told = {
        "words": list(listed.words),
        "room": listed.room,
        "standing": listed.standing and listed.standing.value,
        "from_at": listed.from_at,
        "until_at": listed.until_at,
    }
    return {name: value for name, value in told.items() if value not in (None, [])}


def listed_in(filter_: Filter) -> Listed | None:
    """None where the action is not about a list. BadFilterError."""
    if PART not in filter_:
        return None
    match filter_[PART]:
        case dict() as told if told.keys() <= {"words", "room", "standing", "from_at", "until_at"}:
            return _read(told)
    raise BadFilterError(f"{PART} is no filter of a list")


def found(queries: Queries, listed: Listed) -> list[Upload]:
    """The newest first. BadFilterError where they are more than MOST."""
    uploads = list(_found(queries, listed))
    if len(uploads) > MOST:
        raise BadFilterError(f"more than {MOST:,} uploads match: narrow the list by words, a room or days")
    return uploads


def in_words(filter_: Filter) -> str:
    """Which uploads they are; "" where the action is not about a list."""
    listed = listed_in(filter_)
    if listed is None:
        return ""
    parts = [
        *([f"with {' and '.join(map(repr, listed.words))}"] if listed.words else []),
        *([f"of room {listed.room}"] if listed.room else []),
        *([f"in the state {listed.standing.value!r}"] if listed.standing else []),
        *([f"that came in from {_utc(listed.from_at)} on"] if listed.from_at is not None else []),
        *([f"that came in before {_utc(listed.until_at)}"] if listed.until_at is not None else []),
    ]
    return f", of all uploads {', '.join(parts)}".rstrip() if parts else ", of all uploads"


def _found(queries: Queries, listed: Listed) -> Iterator[Upload]:
    """One more than MOST at the most."""
    before, left = None, MOST + 1
    while left > 0:
        page = queries.page(listed, before=before, limit=min(_A_PAGE, left))
        yield from page.uploads
        left -= len(page.uploads)
        before = page.older
        if before is None:
            return


def _read(told: dict[str, Any]) -> Listed:
    words, room = told.get("words", []), told.get("room")
    times = {name: told.get(name) for name in ("from_at", "until_at")}
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise BadFilterError("words is a list of texts")
    if not isinstance(room, str | None):
        raise BadFilterError("room is an id, as a text")
    if not all(at is None or _is_moment(at) for at in times.values()):
        raise BadFilterError("from_at and until_at are in seconds since the epoch")
    try:
        standing = Standing(told["standing"]) if "standing" in told else None
    except ValueError:
        raise BadFilterError(f"there is no state {told['standing']!r}") from None
    return Listed(words=tuple(words), room=room, standing=standing, **times)


def _is_moment(at: object) -> bool:
    return isinstance(at, int | float) and not isinstance(at, bool) and abs(at) < LATEST_S


def _utc(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"
