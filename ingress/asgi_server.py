"""The HTTP server where INGRESS_SERVER says uvicorn; importing this needs the extra `asgi`."""

import asyncio
from typing import Any

import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ingress.server import CONNECTIONS, DRAIN_S
from shared.listening import listen


class UvicornServer:
    def __init__(self, app: Any, host: str, port: int, loop: asyncio.AbstractEventLoop) -> None:
        """`loop` runs on another thread until `run` has returned. OSError if the port cannot be had."""
        self._loop = loop
        self._socket = listen(host, port, backlog=CONNECTIONS)
        self.port: int = self._socket.getsockname()[1]
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                http=_Protocol,
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                lifespan="off",
                timeout_graceful_shutdown=DRAIN_S,
            )
        )

    def run(self) -> None:
        asyncio.run_coroutine_threadsafe(self._server.serve(sockets=[self._socket]), self._loop).result()

    def stop(self) -> None:
        self._server.should_exit = True


def event_loop() -> asyncio.AbstractEventLoop:
    """What a UvicornServer runs on."""
    return uvloop.new_event_loop()


class _Protocol(HttpToolsProtocol):
    """Uvicorn's, but that an answer's head and body leave in one piece: a write takes longer than making both."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.transport = _Joined(transport, self.loop)


class _Joined(asyncio.Transport):
    """A transport that writes what it was given in one turn of the loop together."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._unsent: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._unsent:
            self._loop.call_soon(self._send)
        self._unsent.append(bytes(data))

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._transport.set_protocol(protocol)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        unsent, self._unsent = self._unsent, []
        if unsent and not self._transport.is_closing():  # the client may have gone in the meantime
            self._transport.write(b"".join(unsent))
