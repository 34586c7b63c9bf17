"""A dead letter as a row keeps it, and back: its headers have the same types when it is published again. Pure."""

import base64
import json

from console.actions.verb import by_of, why_of
from console.dead.facts import code, reason, title
from shared.amqp.operator.dead_letters import DeadLetter
from shared.store.actions.action import Action
from shared.store.actions.put_away import PutAway
from shared.wire.header_json import plain, typed


def as_kept(letter: DeadLetter, row_id: str, action: Action) -> PutAway:
    whole = {
        "properties": plain(letter.properties),
        "headers": plain(letter.headers),
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
        properties=typed(whole["properties"]),
        headers=typed(whole["headers"]),
        body=base64.b64decode(whole["body"]),
    )
