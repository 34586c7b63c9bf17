"""Accepts connections on an event loop while there is room, and goes on after no file was left for one.

The event loop's own server would close the connections that it cannot take, or stop listening.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable

import structlog

from ingress.http.connections import ACCEPTS_AT_ONCE, FULL_S, LOOK_S, Connections
from shared.network.listening import NO_FILES
from shared.runtime.sparing import Sparing

CLOSED_S = 0.001

log = structlog.get_logger()


class Acceptor:
    """Has the methods of an asyncio server that uvicorn calls."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        listening: socket.socket,
        new_protocol: Callable[[], asyncio.Protocol],
        connections: Connections,
    ) -> None:
        """Call it from the loop's thread, like everything here."""
        self._loop = loop
        self._listening = listening
        self._new_protocol = new_protocol
        self._connections = connections
        self._sparing = Sparing()
        self._opening: set[asyncio.Task[object]] = set()
        self._ended = False
        listening.setblocking(False)
        self._listen()
        self._look()

    def close(self) -> None:
        self._ended = True
        self._loop.remove_reader(self._listening)

    async def wait_closed(self) -> None:
        """Uvicorn calls this; there is nothing to wait for."""

    def _listen(self) -> None:
        if not self._ended:
            self._loop.add_reader(self._listening, self._accept)

    def _accept(self) -> None:
        again_in_s = 0.0
        for _ in range(ACCEPTS_AT_ONCE):
            try:
                accepted, _ = self._listening.accept()
            except OSError as error:  # no connection is waiting, or the client closed it already
                if error.errno in NO_FILES:
                    again_in_s = self._no_files()
                break
            opening = self._loop.create_task(self._open(accepted))
            self._opening.add(opening)
            opening.add_done_callback(self._opening.discard)
        if not self._connections.trim():
            again_in_s = FULL_S
        if again_in_s:
            self._loop.remove_reader(self._listening)
            self._loop.call_later(again_in_s, self._listen)

    async def _open(self, accepted: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the client closed it already
            await self._loop.connect_accepted_socket(self._new_protocol, accepted)

    def _no_files(self) -> float:
        """Seconds until there may be room: a connection that is given up is closed after this turn of the loop."""
        if (left_out := self._sparing.due("no files")) is not None:
            log.error("connection.no_files", connections=len(self._connections), left_out=left_out)
        return CLOSED_S if self._connections.give_up_oldest("no files left") else FULL_S

    def _look(self) -> None:
        if not self._ended:
            self._connections.give_up_late()
            self._connections.trim()
            self._loop.call_later(LOOK_S, self._look)
