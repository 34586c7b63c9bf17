"""Keeps track of all connections and gives some up: the late ones and, at the limit, the oldest unfinished.

Whoever can reach the port can open connections and leave them. So a connection that sends nothing, sends half a
request or does not read its answer never keeps a webhook out. A connection whose request is being answered is never
given up. To be used by one thread.
"""

import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Protocol

CONNECTIONS = 1000
HELD_BYTES = 128 * 1024 * 1024
"""For all unfinished bodies together. A body may have 2 MiB, so 1,000 connections could fill 2 GiB."""
LOOK_S = 0.5
"""How often a server looks for connections that are late."""
ACCEPTS_AT_ONCE = 16
FULL_S = 0.1
"""How long nothing is accepted if there is no room and no unfinished connection can be given up."""
LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Phase(Enum):
    IDLE = auto()
    """No byte of a request has arrived."""
    HEAD = auto()
    BODY = auto()
    ANSWERING = auto()
    """The request has arrived in full, and its webhook is being published."""
    SENDING = auto()
    """The client has not read its whole answer yet."""


PATIENCE_S = {
    Phase.IDLE: 75.0,  # nginx and .NET keep an unused connection for 60 s: they close it, and no webhook meets that
    Phase.HEAD: 10.0,
    Phase.BODY: 30.0,  # 70 kB a second for the largest
    Phase.SENDING: 30.0,
}
"""Counted from the start of the phase: bytes that trickle in do not extend it."""


class Connection(Protocol):
    def give_up(self, phase: Phase, *, late: bool) -> None:
        """Close the connection now; `closed` is called at once or a little later. `late`: it took too long; else
        it made room for another.
        """


class Connections:
    def __init__(
        self,
        refuse: Callable[[str], None],
        *,
        most: int = CONNECTIONS,
        held_bytes: int = HELD_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`refuse` is called with the reason whenever a connection is given up."""
        self._refuse = refuse
        self._most = most
        self._most_held = held_bytes
        self._clock = clock
        self._began: dict[Phase, dict[Connection, float]] = {phase: {} for phase in Phase}
        """The connections of each phase, the oldest first."""
        self._phase: dict[Connection, Phase] = {}
        self._held: dict[Connection, int] = {}
        self._held_together = 0

    def __len__(self) -> int:
        return len(self._phase)

    def opened(self, connection: Connection) -> None:
        self._phase[connection] = Phase.IDLE
        self._began[Phase.IDLE][connection] = self._clock()

    def moved(self, connection: Connection, phase: Phase, held_bytes: int = 0) -> None:
        """`held_bytes` is how much of its unfinished body has arrived. Does nothing if the connection is closed
        or in that phase already.
        """
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
        """May be called twice."""
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
        """Give up the oldest unfinished connections above the limits. Returns whether there is room for one more
        now.
        """
        while self._held_together > self._most_held and self._began[Phase.BODY]:
            self._give_up(next(iter(self._began[Phase.BODY])), Phase.BODY, "too many unfinished bodies")
        while len(self) > self._most and self.give_up_oldest("too many connections"):
            pass
        return len(self) < self._most or len(self._began[Phase.ANSWERING]) < len(self)

    def give_up_oldest(self, reason: str) -> bool:
        """False if every connection is being answered."""
        oldest = [(next(iter(each.items())), phase) for phase, each in self._began.items() if each]
        unfinished = [(began, connection, phase) for (connection, began), phase in oldest if phase in PATIENCE_S]
        if not unfinished:
            return False
        _, connection, phase = min(unfinished, key=lambda each: each[0])
        self._give_up(connection, phase, reason)
        return True

    def _give_up(self, connection: Connection, phase: Phase, reason: str, *, late: bool = False) -> None:
        if reason != "late in idle":  # keep-alive connections that are no longer used end like this
            self._refuse(reason)
        self.closed(connection)
        connection.give_up(phase, late=late)

    def _hold(self, connection: Connection, held_bytes: int) -> None:
        self._held_together += held_bytes - self._held.pop(connection, 0)
        if held_bytes:
            self._held[connection] = held_bytes
