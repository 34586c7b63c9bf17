"""What an HTTP server is to the ingress, and the one by default: waitress."""

from typing import Any, Protocol

import waitress
from waitress.server import BaseWSGIServer, MultiSocketServer

from ingress.fibers import Fibers
from ingress.webhook import MAX_BODY_BYTES

DRAIN_S = 5
"""For requests that were accepted before the end: they are answered."""
CONNECTIONS = 1000


class Server(Protocol):
    port: int

    def run(self) -> None:
        """Serve until `stop`."""

    def stop(self) -> None:
        """Take no more requests, answer those that were taken, within DRAIN_S. From another thread than `run`."""


class WaitressServer:
    def __init__(self, app: Any, host: str, port: int, *, fibers: Fibers | None = None, threads: int = 1) -> None:
        """With `fibers` webhooks need none of the `threads`. OSError if the port cannot be had."""
        self._stopping = False
        self._fibers = fibers
        self._server = waitress.create_server(
            app,
            map=fibers.map if fibers else None,
            _dispatcher=fibers,
            host=host,
            port=port,
            threads=threads,
            # one more than ours: a body of just the limit is still taken, and ours is the limit that answers
            max_request_body_size=MAX_BODY_BYTES + 1,
            connection_limit=CONNECTIONS,
            asyncore_use_poll=True,
            ident=None,
        )
        several = isinstance(self._server, MultiSocketServer)  # a host name with an address of each family
        self.port: int = self._server.effective_listen[0][1] if several else self._server.effective_port

    def run(self) -> None:
        try:
            (self._fibers or self._server).run()
        except Exception:
            if not self._stopping:
                raise

    def stop(self) -> None:
        self._stopping = True
        sockets = self._server.map if isinstance(self._server, MultiSocketServer) else self._server._map  # noqa: SLF001
        for listener in [each for each in sockets.values() if isinstance(each, BaseWSGIServer)]:
            listener.del_channel()
            listener.socket.close()
            listener.pull_trigger()  # the loop's poll holds it open until it returns
        self._server.task_dispatcher.shutdown(cancel_pending=False, timeout=DRAIN_S)
        if self._fibers:
            self._fibers.end()
        self._server.close()
