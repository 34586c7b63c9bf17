"""Clients of the public port that open connections and never end a request."""

import contextlib
import socket
from collections.abc import Iterator

from tests.support.pipeline import Worker

CONNECTIONS = 300
BEGUN = b"POST /docspace/webhook HTTP/1.1\r\nHost: intake\r\nContent-Length: 100\r\n"


@contextlib.contextmanager
def half_requests(ingress: Worker) -> Iterator[None]:
    """So many connections with the beginning of a request, until the end of the block; fewer where it is down."""
    address = "127.0.0.1", ingress.webhook_port
    with contextlib.ExitStack() as opened:
        with contextlib.suppress(OSError):
            for _ in range(CONNECTIONS):
                one = opened.enter_context(socket.create_connection(address, timeout=1))
                one.sendall(BEGUN)
        yield
