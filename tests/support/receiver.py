"""A receiver of webhooks: keeps each request, and answers as a test says; it may hang, drip or hang up."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import msgspec
from standardwebhooks import Webhook


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    headers: Mapping[str, str]
    """By their names in lower case."""
    body: bytes
    at: float
    """When it had come, by the monotonic clock."""

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.json.decode(self.body)
        return told

    def verified(self, secret: str) -> Any:
        """As Standard Webhooks' own library verifies it; it raises where that fails."""
        return Webhook(secret).verify(self.body, dict(self.headers))


@dataclass(frozen=True, slots=True)
class Reply:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    raw: Callable[[socket.socket], None] | None = None
    """Writes the answer itself."""


Answer = Callable[[Request], Reply]


class Receiver:
    """A context manager. `answer` may be set at any time."""

    def __init__(self, answer: Answer = lambda _: Reply(), tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.connections = 0
        self.over = threading.Event()
        """Whatever hangs ends with the receiver."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver._answer(Request(self.path, headers, body, time.monotonic()), self)

            def setup(self) -> None:
                receiver.connections += 1
                super().setup()

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: Any) -> None:
                """Whoever hung up did so because a test wanted it."""

            def get_request(self) -> tuple[socket.socket, Any]:
                connection, address = super().get_request()
                return (tls.wrap_socket(connection, server_side=True) if tls else connection), address

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        return [request.id for request in list(self.requests)]

    def hang(self, _: Request) -> Reply:
        """An `answer` that never comes."""
        self.over.wait()
        return Reply(500)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: Request, handler: BaseHTTPRequestHandler) -> None:
        self.requests.append(request)
        reply = self.answer(request)
        if reply.raw is not None:
            handler.close_connection = True
            reply.raw(handler.connection)
            return
        handler.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(reply.body)
