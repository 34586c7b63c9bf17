"""Which files the dead letters are about. Pure."""

from collections.abc import Iterable

import msgspec

from shared.amqp.dead_letters import DeadLetter
from shared.events import EntryId


class _Entry(msgspec.Struct):
    id: EntryId | None = None


class _Body(msgspec.Struct):
    """Of an event of ours, or of a webhook."""

    file_id: EntryId | None = None
    payload: _Entry | None = None


def files_of(letters: Iterable[DeadLetter]) -> frozenset[str]:
    """Their ids, as texts; a letter that cannot be read is about none."""
    return frozenset(filter(None, map(_file_of, letters)))


def _file_of(letter: DeadLetter) -> str | None:
    try:
        body = msgspec.json.decode(letter.body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    found = body.file_id if body.file_id is not None else body.payload and body.payload.id
    return None if found is None else str(found)
