"""The HTTP server for `INGRESS_SERVER=uvicorn`. Importing this needs the extra `asgi`."""

import asyncio
import socket
from functools import partial
from typing import Any

import uvicorn
import uvloop

from ingress.http.acceptor import Acceptor
from ingress.http.asgi_protocol import Protocol
from ingress.http.connections import CONNECTIONS, Connections
from ingress.http.refusals import Refusals, Refuse
from ingress.http.server import DRAIN_S
from shared.network.listening import listen


class UvicornServer:
    def __init__(self, app: Any, host: str, port: int, loop: asyncio.AbstractEventLoop, refusals: Refusals) -> None:
        """`loop` must run on another thread until `run` has returned. OSError if the port cannot be bound."""
        self._loop = loop
        self._socket = listen(host, port, backlog=CONNECTIONS)
        self.port: int = self._socket.getsockname()[1]
        self._server = _Bounded(
            uvicorn.Config(
                app,
                ws="none",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                lifespan="off",
                timeout_graceful_shutdown=DRAIN_S,
            ),
            Connections(refusals.note),
            refusals.note,
        )

    def run(self) -> None:
        asyncio.run_coroutine_threadsafe(self._server.serve(sockets=[self._socket]), self._loop).result()

    def stop(self) -> None:
        self._server.should_exit = True


def event_loop() -> asyncio.AbstractEventLoop:
    """A new event loop for a UvicornServer."""
    return uvloop.new_event_loop()


class _Bounded(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, connections: Connections, refuse: Refuse) -> None:
        super().__init__(config)
        self._connections = connections
        self._refuse = refuse

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        new_protocol = partial(
            Protocol,
            self._connections,
            self._refuse,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        self.servers = [
            Acceptor(loop, listening, new_protocol, self._connections)  # type: ignore[misc]  # all it asks of one
            for listening in sockets or []
        ]
        self.started = True
