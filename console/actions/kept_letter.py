"""A dead letter as a row keeps it, and back: its headers have the same types when it is published again. Pure."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from console.actions.verb import by_of, why_of
from console.dead.facts import code, reason, title
from shared.amqp.operator.dead_letters import DeadLetter
from shared.store.actions.action import Action
from shared.store.actions.put_away import PutAway

BYTES, TIME, TABLE = "$bytes", "$time", "$table"
"""The one key of an object that stands for what JSON has not, or for a table that looks like such an object."""


def as_kept(letter: DeadLetter, row_id: str, action: Action) -> PutAway:
    whole = {
        "properties": _plain(letter.properties),
        "headers": _plain(letter.headers),
        "body": base64.b64encode(letter.body).decode(),
    }
    return PutAway(
        id=row_id,
        who=by_of(action),
        why=why_of(action),
        action=action.id,
        stage=letter.stage,
        message_id=letter.message_id,
        title=title(letter),
        code=code(letter),
        reason=reason(letter),
        letter=json.dumps(whole),
    )


def as_letter(kept: PutAway) -> DeadLetter:
    whole = json.loads(kept.letter)
    return DeadLetter(
        stage=kept.stage,
        message_id=kept.message_id,
        properties=_typed(whole["properties"]),
        headers=_typed(whole["headers"]),
        body=base64.b64decode(whole["body"]),
    )


def _plain(value: object) -> Any:
    match value:
        case dict():
            table = {str(name): _plain(part) for name, part in value.items()}
            return {TABLE: table} if table.keys() & {BYTES, TIME, TABLE} else table
        case list() | tuple():
            return [_plain(part) for part in value]
        case bytes():
            return {BYTES: base64.b64encode(value).decode()}
        case datetime():
            return {TIME: value.astimezone(UTC).isoformat()}
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)


def _typed(value: Any) -> Any:
    match value:
        case {"$bytes": str(text)} if len(value) == 1:
            return base64.b64decode(text)
        case {"$time": str(text)} if len(value) == 1:
            return datetime.fromisoformat(text)
        case {"$table": dict(table)} if len(value) == 1:
            return {name: _typed(part) for name, part in table.items()}
        case dict():
            return {name: _typed(part) for name, part in value.items()}
        case list():
            return [_typed(part) for part in value]
        case _:
            return value
