"""A server that speaks TLS and no more: it keeps how each handshake ended, and hangs up."""

import socket
import ssl
import threading
from typing import Self

POSTGRES_ASKS_FOR_TLS = bytes.fromhex("0000000804d2162f")


class Handshakes:
    """A context manager. Where `asked` it answers PostgreSQL's question for TLS first; it greets once encrypted."""

    def __init__(self, tls: ssl.SSLContext, host: str, *, asked: bool = False, greeting: bytes = b"") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listening = socket.create_server((host, 0), family=family)
        self._tls = tls
        self._asked = asked
        self._greeting = greeting
        self.port: int = self._listening.getsockname()[1]
        self.ended: list[str] = []
        """`trusted`, or why not."""
        self._thread = threading.Thread(target=self._run, name="handshakes", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                self._take(connection)

    def _take(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        try:
            if self._asked:
                connection.recv(len(POSTGRES_ASKS_FOR_TLS))
                connection.sendall(b"S")
            with self._tls.wrap_socket(connection, server_side=True) as encrypted:
                encrypted.sendall(self._greeting)
                # only now does a client say that it does not trust, under TLS 1.3, or that the name is another
                self.ended.append("trusted" if encrypted.recv(1) else "hung up")
        except OSError as error:
            self.ended.append(getattr(error, "reason", None) or type(error).__name__)
