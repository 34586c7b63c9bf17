"""One delivery on its way to its ack, and what a consumer asks of its worker about it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.runtime.settle import Settlement
from shared.wire.message import Message, Publication

Handle = Callable[[Message], Settlement]
"""The worker turns every error into an outcome. What it raises all the same makes a dead letter of the message."""
Bury = Callable[[Message, str], Settlement]
"""The dead letter of a message, for this reason."""
WaitLonger = Callable[[Message, float], Publication | None]


@dataclass(slots=True)
class Job:
    """One delivery on its way to its ack. `session` says which connection's tag it is."""

    session: int
    tag: int
    message: Message
    received: float = field(default_factory=time.monotonic)
    publication: Publication | None = None
    settlement: Settlement | None = None
    taken_in: bool = False
    """`Suspects` counts it."""
    buried: bool = False
    """What came of it the broker refused; what is published now is its dead letter."""
    unsettled: bool = False
    """Nothing could be made of it, by a bug: the broker makes a dead letter of it."""


class InHandling(NamedTuple):
    seconds: float
    message_id: str
    thread: int
    """Its identity, as `threading.get_ident` tells it."""
