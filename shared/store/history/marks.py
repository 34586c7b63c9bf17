"""What the text index holds of an upload beside its words: what became of it, its room, and when it came in.

So the index itself finds the uploads that have a word and a mark. Without marks each upload that has the word would
be looked at, and thousands may have it, but none the state that is asked for. Uploads that were not asked for may
share a mark, so their rows are looked at too. Pure.
"""

from shared.store.history.filter import Filter
from shared.store.history.upload import State, standing_of
from shared.text.outside import identifier

MONTH_S = 2_592_000
_LETTERS = {State.WAITING: "w", State.SKIPPED: "s", State.FILED: "f", State.FAILED: "d"}
"""Indexes hold them: a letter never gets another meaning."""
_FATE, _ROOM = 0xF8FF, 0xF8FE
"""The first of three characters, of Unicode's private use, that are a mark in SQLite's index."""
_DIGITS = 0xE000
"""From here on so many characters of private use are digits."""
_BITS = 12


def _fate_of(row: str) -> str:
    letters = " ".join(f"WHEN '{state.value}' THEN '{letter}'" for state, letter in _LETTERS.items())
    filed = f"CASE WHEN {row}filed_at IS NULL THEN '-' ELSE '+' END"
    return f"(CASE {row}state {letters} ELSE '?' END || {filed})"


IN_POSTGRESQL = (
    f"(ARRAY[{_fate_of('')}, 'room ' || room, "
    f"'month ' || CAST(CAST(floor(first_at / {MONTH_S}) AS bigint) AS text)])"
)
"""SQL for the marks of a row."""


def in_sqlite(row: str) -> str:
    """SQL for what the index takes after the words of `row`, which is "new", "old" or a table.

    Whatever three characters in a row have a part of a mark are all in this text. So the marks can be taken out of
    the index, and others put in, without the words.
    """
    return f"(char(10, 10, {_FATE}) || {_fate_of(f'{row}.')} || coalesce({room_in_sqlite(f'{row}.room')}, ''))"


def room_in_sqlite(room: str) -> str:
    """SQL of the room's mark, of SQL for its id. Ids that are no numbers, of third-party storage, share one."""
    digits = (f"{_DIGITS} + (CAST({room} AS INTEGER) >> {shift} & {(1 << _BITS) - 1})" for shift in (0, _BITS))
    return f"CASE WHEN {room} IS NOT NULL THEN char({_ROOM}, {', '.join(digits)}) END"


def fate_in_sqlite(fate: str) -> str:
    return chr(_FATE) + fate


def fates(asked: Filter) -> tuple[str, ...]:
    """Each upload that fits has one of these marks; none: any may fit."""
    every = [(state, is_filed) for state in State for is_filed in (False, True)]
    fit = [
        _LETTERS[state] + ("+" if is_filed else "-")
        for state, is_filed in every
        if asked.state in (None, state) and asked.standing in (None, standing_of(state, is_filed=is_filed))
    ]
    return () if len(fit) == len(every) else tuple(fit)


def room(asked: Filter) -> str | None:
    """PostgreSQL's mark of it."""
    return None if asked.room is None else f"room {identifier(asked.room)}"


def months(since: float, until: float) -> list[str]:
    """PostgreSQL's marks of all times between these, in seconds since the epoch."""
    return [f"month {month}" for month in range(int(since // MONTH_S), int(until // MONTH_S) + 1)]
