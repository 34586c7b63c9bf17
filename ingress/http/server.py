"""The methods of an HTTP server that the ingress calls, and waitress, the default."""

import time
from typing import Any, Protocol

import structlog
from waitress.adjustments import Adjustments

from ingress.http.channel import Listener
from ingress.http.connections import CONNECTIONS, FULL_S, LOOK_S, Connections
from ingress.http.fibers import Fibers
from ingress.http.refusals import Refusals
from ingress.http.request_head import MAX_HEAD_BYTES
from ingress.webhook import MAX_BODY_BYTES
from shared.runtime.sparing import Sparing

TURN_S = 1.0
"""The longest sleep of the loop, as waitress has it."""
IDLE_TURN_S = 30.0
"""The same while nobody is connected: whatever comes ends it."""
DRAIN_S = 5
"""At the end, requests that were accepted before have this long to be answered."""

log = structlog.get_logger()


class Server(Protocol):
    port: int

    def run(self) -> None:
        """Serve until `stop`."""

    def stop(self) -> None:
        """Take no more requests, and answer those that were accepted within DRAIN_S. Call it from another thread
        than `run`.
        """


class WaitressServer:
    def __init__(self, app: Any, host: str, port: int, fibers: Fibers, refusals: Refusals) -> None:
        """OSError if the port cannot be bound."""
        self._stopping = False
        self._fibers = fibers
        self._connections = Connections(refusals.note)
        self._sparing = Sparing()
        self._next_look = 0.0
        self._full_until = 0.0
        settings = Adjustments(
            host=host,
            port=port,
            # one more than MAX_BODY_BYTES, so that our own app refuses what is longer
            max_request_body_size=MAX_BODY_BYTES + 1,
            max_request_header_size=MAX_HEAD_BYTES,
            inbuf_overflow=MAX_BODY_BYTES + 1,  # never buffer in a file: the process may have no file left
            backlog=CONNECTIONS,
            log_socket_errors=False,
            ident=None,
        )
        self._listeners = [
            Listener(
                app,
                self._connections,
                refusals,
                map=fibers.map,
                dispatcher=fibers,
                adj=settings,
                sockinfo=address,
            )
            for address in settings.listen  # a host name may have an IPv4 and an IPv6 address
        ]
        self.port: int = int(self._listeners[0].effective_port)

    def run(self) -> None:
        try:
            self._fibers.run(self._before_each_turn)
        except Exception:
            if not self._stopping:
                raise

    def stop(self) -> None:
        self._stopping = True
        for listener in self._listeners:
            listener.del_channel()
            listener.socket.close()
            listener.pull_trigger()  # the loop's poll holds it open until it returns
        self._fibers.shutdown(timeout=DRAIN_S)
        self._fibers.end()
        for listener in self._listeners:
            listener.close()

    def _before_each_turn(self) -> float:
        """Give up connections, here alone: while the loop goes through its sockets, no file number may be used
        anew. Returns how long the loop may sleep.
        """
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + LOOK_S
            self._connections.give_up_late()
        room = self._connections.trim()
        if any(listener.no_files for listener in self._listeners):
            if (left_out := self._sparing.due("no files")) is not None:
                log.error("connection.no_files", connections=len(self._connections), left_out=left_out)
            room = self._connections.give_up_oldest("no files left")
        if not room:
            self._full_until = now + FULL_S
        for listener in self._listeners:
            listener.no_files = False
            listener.full = now < self._full_until
        return TURN_S if len(self._connections) or now < self._full_until else IDLE_TURN_S
