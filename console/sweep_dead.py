"""Which files the dead letters are about, those that wait and those that a person put away. Pure."""

from collections.abc import Iterable

import msgspec

from shared.amqp.dead_letters import DeadLetter
from shared.events import EntryId
from shared.history.step import Delivery, Outcome, step_of
from shared.settle import DEAD


class _Entry(msgspec.Struct):
    id: EntryId | None = None


class _Body(msgspec.Struct):
    """Of an event of ours, or of a webhook."""

    file_id: EntryId | None = None
    payload: _Entry | None = None


def files_of(letters: Iterable[DeadLetter]) -> frozenset[str]:
    """Their ids, as texts; a letter that cannot be read is about none."""
    return frozenset(filter(None, (_file_of(letter.body) for letter in letters)))


def discarded(past: Iterable[Delivery]) -> dict[str, float]:
    """When a dead letter about a file was discarded last, in seconds since the epoch, by the file's id as text."""
    steps = ((delivery, step_of(delivery)) for delivery in past if delivery.exchange == DEAD)
    found = {
        _file_of(delivery.message.body): step.at
        for delivery, step in steps
        if step and step.outcome is Outcome.DISCARD
    }
    return {file_id: at for file_id, at in found.items() if file_id is not None}


def _file_of(text: bytes) -> str | None:
    try:
        body = msgspec.json.decode(text, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    found = body.file_id if body.file_id is not None else body.payload and body.payload.id
    return None if found is None else str(found)
