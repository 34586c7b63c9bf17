"""A TCP proxy whose network can be cut without a FIN: sockets stay open, and nothing comes through any more."""

import contextlib
import socket
import threading
from collections.abc import Iterator

CHUNK_BYTES = 65_536


class Proxy:
    """Forwards `port` to `target_port`, both on loopback, while it is up.

    `cut`: what is connected stays so and hears nothing more, and who connects anew hears nothing either.
    `heal`: who connects anew is served; what was connected before the cut stays mute, as after a firewall's reboot.
    `lead_to`: who connects anew reaches another server; what was connected stays with the one before.
    `down`: the port refuses, and what is connected is closed. `up` undoes it.
    """

    def __init__(self, port: int, target_port: int) -> None:
        self.port = port
        self._target_port = target_port
        self.asked = 0
        """How often a client sent something: of a client that waits for each answer, its questions."""
        self._cut = threading.Event()
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listening: socket.socket | None = None

    def up(self) -> None:
        listening = socket.create_server(("127.0.0.1", self.port))
        self._listening = listening
        threading.Thread(target=self._accept, args=(listening,), name="proxy", daemon=True).start()

    def down(self) -> None:
        if self._listening is not None:
            with contextlib.suppress(OSError):
                self._listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            self._listening.close()
            self._listening = None
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def cut(self) -> None:
        self._cut.set()

    def heal(self) -> None:
        """For new connections: each remembers the cut it lived through."""
        self._cut = threading.Event()

    def lead_to(self, target_port: int) -> None:
        self._target_port = target_port

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            cut = self._cut
            with self._lock:
                self._sockets.append(client)
            try:
                server = socket.create_connection(("127.0.0.1", self._target_port), timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self._sockets.append(server)
            for source, sink in ((client, server), (server, client)):
                threading.Thread(
                    target=self._forward, args=(source, sink, cut, source is client), name="proxy", daemon=True
                ).start()

    def _forward(self, source: socket.socket, sink: socket.socket, cut: threading.Event, asks: bool) -> None:  # noqa: FBT001
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK_BYTES):
                if asks:
                    with self._lock:
                        self.asked += 1
                if not cut.is_set():
                    sink.sendall(data)
        if not cut.is_set():
            with contextlib.suppress(OSError):
                sink.shutdown(socket.SHUT_WR)  # also after a reset: else the other side would wait for ever


@contextlib.contextmanager
def proxy(port: int, target_port: int, *, up: bool = True) -> Iterator[Proxy]:
    running = Proxy(port, target_port)
    if up:
        running.up()
    try:
        yield running
    finally:
        running.down()
