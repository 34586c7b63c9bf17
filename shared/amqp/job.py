"""One delivery from its arrival to its ack, and the functions that a consumer calls for it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.runtime.settle import Settlement
from shared.wire.message import Message, Publication

Handle = Callable[[Message], Settlement]
"""The worker turns every error into an outcome. If this raises all the same, the message becomes a dead letter."""
Bury = Callable[[Message, str], Settlement]
"""Makes the dead letter of a message, with this reason."""
WaitLonger = Callable[[Message, float], Publication | None]


@dataclass(slots=True)
class Job:
    """One delivery from its arrival to its ack. `session` says which connection its tag belongs to."""

    session: int
    tag: int
    message: Message
    received: float = field(default_factory=time.monotonic)
    publication: Publication | None = None
    settlement: Settlement | None = None
    taken_in: bool = False
    """Whether `Suspects` counts it."""
    buried: bool = False
    """The broker refused to take what its handling published, so a dead letter is published instead."""
    unsettled: bool = False
    """A bug kept it from being settled, so it is rejected and the broker makes a dead letter of it."""


class InHandling(NamedTuple):
    seconds: float
    message_id: str
    thread: int
    """The thread's identity, as `threading.get_ident` returns it."""
