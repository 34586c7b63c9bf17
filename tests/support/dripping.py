"""A server that answers in pieces, as slowly as a test wants, and what such answers are made of."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class Server:
    """Answers each request with the pieces, `every_s` apart, for as long as the client listens."""

    def __init__(
        self, pieces: Callable[[], Iterable[bytes]], every_s: float = 0.0, tls: ssl.SSLContext | None = None
    ) -> None:
        """`pieces` makes the answer to any request."""
        self._pieces, self._every_s, self._tls = pieces, every_s, tls
        self.connections = 0
        self.asked: list[str] = []
        """The request lines."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _run(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), self._encrypted(connection) as talking:
            while request := talking.recv(65536):
                self.asked.append(request.partition(b"\r\n")[0].decode())
                for piece in self._pieces():
                    talking.sendall(piece)
                    time.sleep(self._every_s)

    def _encrypted(self, connection: socket.socket) -> socket.socket:
        return self._tls.wrap_socket(connection, server_side=True) if self._tls else connection


def for_ever(piece: bytes) -> Iterator[bytes]:
    return iter(lambda: piece, None)


def chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


def endless(first: bytes, piece: bytes) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        yield first
        yield from for_ever(piece)

    return pieces
