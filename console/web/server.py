"""Runs the web console on uvicorn, one thread for all connections, until SIGTERM or SIGINT."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from shared.network.listening import listen

CONNECTIONS = 512
"""More are answered 503: an open page holds one while somebody looks at it."""
DRAIN_S = 2
TICKS_A_SECOND = 10
"""As uvicorn counts them. It wakes for each, and does something once a second."""


def listening(host: str, port: int) -> socket.socket:
    """OSError where the port cannot be had."""
    return listen(host, port, backlog=CONNECTIONS)


def serve(app: Any, bound: socket.socket, ending: Callable[[], None]) -> None:
    """Calls `ending` when it begins to end: what would go on for long must end then.

    A signal that ended it reaches, afterwards, the handler that was set before.
    """
    config = uvicorn.Config(
        app,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=DRAIN_S,
    )
    _Server(config, ending).run(sockets=[bound])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._ending = ending

    async def main_loop(self) -> None:
        """As uvicorn's own, and it wakes once a second."""
        while not await self.on_tick(TICKS_A_SECOND):  # noqa: ASYNC110 - uvicorn keeps a flag
            await asyncio.sleep(1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending()
        await super().shutdown(sockets)
