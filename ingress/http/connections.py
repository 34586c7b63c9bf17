"""Which connections the ingress has, and which it gives up: the late ones, and at the limit the oldest unfinished.

Whoever can reach the port can open connections and leave them, so a connection that does nothing, or sends half a
request, or does not read its answer, never keeps a webhook out. One whose request is being answered is never given
up. One thread uses this.
"""

import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Protocol

CONNECTIONS = 1000
HELD_BYTES = 128 * 1024 * 1024
"""All unfinished bodies together. A body may have 2 MiB, so that the connections alone could hold 2 GiB."""
LOOK_S = 0.5
"""How often a server looks for connections that are late."""
ACCEPTS_AT_ONCE = 16
FULL_S = 0.1
"""How long nothing is accepted where there is no room, and no unfinished connection to make some."""
LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Phase(Enum):
    IDLE = auto()
    """No byte of a request is there."""
    HEAD = auto()
    BODY = auto()
    ANSWERING = auto()
    """The whole request is there: its webhook is being published."""
    SENDING = auto()
    """The client has not read all of its answer yet."""


PATIENCE_S = {
    Phase.IDLE: 75.0,  # nginx and .NET keep an unused connection for 60 s: they close it, and no webhook meets that
    Phase.HEAD: 10.0,
    Phase.BODY: 30.0,  # 70 kB a second for the largest
    Phase.SENDING: 30.0,
}
"""From the phase's beginning, however many bytes come meanwhile."""


class Connection(Protocol):
    def give_up(self, phase: Phase, *, late: bool) -> None:
        """Close now; `closed` follows, at once or a little later. `late`: else it only made room."""


class Connections:
    def __init__(
        self,
        refuse: Callable[[str], None],
        *,
        most: int = CONNECTIONS,
        held_bytes: int = HELD_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`refuse` is told why a connection is given up."""
        self._refuse = refuse
        self._most = most
        self._most_held = held_bytes
        self._clock = clock
        self._began: dict[Phase, dict[Connection, float]] = {phase: {} for phase in Phase}
        """Those in each phase, the oldest first."""
        self._phase: dict[Connection, Phase] = {}
        self._held: dict[Connection, int] = {}
        self._held_together = 0

    def __len__(self) -> int:
        return len(self._phase)

    def opened(self, connection: Connection) -> None:
        self._phase[connection] = Phase.IDLE
        self._began[Phase.IDLE][connection] = self._clock()

    def moved(self, connection: Connection, phase: Phase, held_bytes: int = 0) -> None:
        """`held_bytes` is what is there of its unfinished body. Harmless where it is closed, or in that phase."""
        before = self._phase.get(connection)
        if before is None:
            return
        if before is not phase:
            del self._began[before][connection]
            self._phase[connection] = phase
            self._began[phase][connection] = self._clock()
        if held_bytes or connection in self._held:
            self._hold(connection, held_bytes)

    def closed(self, connection: Connection) -> None:
        """Harmless twice."""
        phase = self._phase.pop(connection, None)
        if phase is not None:
            del self._began[phase][connection]
            self._held_together -= self._held.pop(connection, 0)

    def give_up_late(self) -> None:
        now = self._clock()
        for phase, patience_s in PATIENCE_S.items():
            for connection, began in list(self._began[phase].items()):
                if began + patience_s > now:
                    break
                self._give_up(connection, phase, f"late in {phase.name.lower()}", late=True)

    def trim(self) -> bool:
        """Give up the oldest unfinished ones beyond the limits; whether there is room for one more now."""
        while self._held_together > self._most_held and self._began[Phase.BODY]:
            self._give_up(next(iter(self._began[Phase.BODY])), Phase.BODY, "too many unfinished bodies")
        while len(self) > self._most and self.give_up_oldest("too many connections"):
            pass
        return len(self) < self._most or len(self._began[Phase.ANSWERING]) < len(self)

    def give_up_oldest(self, reason: str) -> bool:
        """False where every connection is being answered."""
        oldest = [(next(iter(each.items())), phase) for phase, each in self._began.items() if each]
        unfinished = [(began, connection, phase) for (connection, began), phase in oldest if phase in PATIENCE_S]
        if not unfinished:
            return False
        _, connection, phase = min(unfinished, key=lambda each: each[0])
        self._give_up(connection, phase, reason)
        return True

    def _give_up(self, connection: Connection, phase: Phase, reason: str, *, late: bool = False) -> None:
        if reason != "late in idle":  # a kept connection that is not used any more ends so, as it should
            self._refuse(reason)
        self.closed(connection)
        connection.give_up(phase, late=late)

    def _hold(self, connection: Connection, held_bytes: int) -> None:
        self._held_together += held_bytes - self._held.pop(connection, 0)
        if held_bytes:
            self._held[connection] = held_bytes
