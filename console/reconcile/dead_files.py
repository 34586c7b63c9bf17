"""Which files the dead letters are about. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from shared.amqp.operator.dead_letters import DeadLetter
from shared.docspace.field import moment
from shared.text.reading import decoded
from shared.wire.events import EntryId


class Subject(NamedTuple):
    """A file that a letter is about."""

    file_id: str
    created: datetime | None = None
    """When it was created, where the letter says so: its id may be another file's by now."""


class _Entry(msgspec.Struct, rename="camel"):
    id: EntryId | None = None
    create_on: Any = None
    created: Any = None


class _Body(msgspec.Struct):
    """Of an event of ours, or of a webhook."""

    file_id: EntryId | None = None
    created_at: Any = None
    created_on: Any = None
    payload: _Entry | None = None


_body = msgspec.json.Decoder(_Body)


def files_of(letters: Iterable[DeadLetter]) -> frozenset[Subject]:
    """A letter that cannot be read is about none."""
    return frozenset(filter(None, (subject_of(letter.body) for letter in letters)))


def subject_of(text: bytes) -> Subject | None:
    try:
        body = decoded(_body, text)
    except msgspec.DecodeError:
        return None
    if body.file_id is not None:
        return Subject(str(body.file_id), _moment(body.created_at, body.created_on))
    if body.payload is None or body.payload.id is None:
        return None
    return Subject(str(body.payload.id), _moment(body.payload.create_on, body.payload.created))


def _moment(*told: object) -> datetime | None:
    return next((at for text in told if isinstance(text, str) and (at := moment(text))), None)
