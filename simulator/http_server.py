"""Waitress on a thread that can be stopped."""

import contextlib
import threading
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server

from simulator.gate.proxy import WsgiApp

THREADS = 72
"""As many as the portal takes of one user at once, and some for the page: a thread sleeps through a latency."""


class HttpServer:
    """Listens at once, so that its port is known before the application is made."""

    def __init__(self, host: str, port: int) -> None:
        self._sockets: dict[int, Any] = {}
        self._server = create_server(
            self._no_app, map=self._sockets, host=host, port=port, threads=THREADS, ident="", connection_limit=1000,
            channel_request_lookahead=0, asyncore_use_poll=True,
        )  # fmt: skip
        self.port: int = int(self._server.effective_port)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulator-http", daemon=True)

    def serve(self, app: WsgiApp) -> None:
        self._server.application = app

    def _no_app(self, *_: Any) -> list[bytes]:
        raise RuntimeError("serve() comes before start()")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):  # the loop saw the flag first, and closed the trigger
            self._server.pull_trigger()
        self._thread.join(timeout=10.0)

    def _run(self) -> None:
        while not self._stopping.is_set():
            wasyncore.loop(timeout=1.0, use_poll=True, map=self._sockets, count=1)
        self._server.task_dispatcher.shutdown(
            cancel_pending=True, timeout=8
        )  # else a thread that is left finds the sockets closed
        for channel in list(self._sockets.values()):
            if isinstance(channel, HTTPChannel):
                channel.handle_close()  # closing its socket alone leaves the file of a long answer open
        wasyncore.close_all(self._sockets)
