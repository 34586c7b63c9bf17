"""Whether an endpoint asks for an event. Pure."""

import msgspec

from shared.errors import PermanentError
from shared.rules.endpoint import Endpoint
from shared.rules.ids import id_text
from shared.text.codes import Code
from shared.text.reading import decoded
from shared.wire.message import Message


class _Told(msgspec.Struct):
    rule: str | None = None
    room_id: int | str | None = None


_decoder = msgspec.json.Decoder(_Told)


def not_wanted(endpoint: Endpoint, message: Message) -> str | None:
    """Why it does not, None if it does. PermanentError for what is no event."""
    if message.type not in endpoint.events:
        return f"it does not ask for {message.type}"
    try:
        told = decoded(_decoder, message.body)
    except msgspec.DecodeError as error:
        raise PermanentError(f"not a readable {message.type}: {error}", code=Code.UNREADABLE) from error
    if endpoint.rules and told.rule not in endpoint.rules:
        return f'it asks for other rules than "{told.rule}"' if told.rule else "the event tells no rule"
    if endpoint.rooms and (told.room_id is None or id_text(told.room_id) not in endpoint.rooms):
        return "the event tells no room" if told.room_id is None else f"it asks for other rooms than {told.room_id}"
    return None
