"""Runs the web console on uvicorn, one thread for all connections, until SIGTERM or SIGINT."""

import socket
from typing import Any

import uvicorn

from shared.network.listening import listen

CONNECTIONS = 512
"""More are answered 503: an open page holds one while somebody looks at it."""
DRAIN_S = 2


def listening(host: str, port: int) -> socket.socket:
    """OSError where the port cannot be had."""
    return listen(host, port, backlog=CONNECTIONS)


def serve(app: Any, bound: socket.socket) -> None:
    """A signal that ended it reaches, afterwards, the handler that was set before."""
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
    uvicorn.Server(config).run(sockets=[bound])
