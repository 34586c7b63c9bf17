"""A portal that gives recorded answers, route by route, and remembers what it was asked."""

import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parents[1] / "recorded"
STATE = ("settings", "keys/@self", "files/fileops")
"""The routes that tell how the portal as a whole stands."""


@dataclass(frozen=True, slots=True)
class Reply:
    """`status` 0: the connection is closed without one."""

    status: int
    body: bytes = b""
    content_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


def exchange(name: str) -> dict[str, Any]:
    """As it was recorded."""
    found: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text())
    return found


def recorded(name: str) -> Reply:
    """The answer of a recorded exchange."""
    told = exchange(name)
    answer = told["answer"]
    body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
    headers = {name: value for name, value in told.get("headers", {}).items() if name != "Content-Length"}
    return Reply(told["status"], body, told["content_type"], tuple(headers.items()))


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    route: str
    """Without `/api/2.0/` and the query."""
    with_key: bool


class RecordedPortal(ThreadingHTTPServer):
    """`replies` by route; any other route is answered with `other`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: dict[str, Reply] = {}
        self.other = Reply(404)
        self.state_takes_s = 0.0
        self.asked: list[Asked] = []
        self.meet = threading.Barrier(1)
        """So many calls that are not about the state are answered at once."""
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def begin(self, other: Reply, replies: dict[str, Reply], *, at_once: int = 1, state_takes_s: float = 0) -> None:
        """Anew."""
        self.other, self.replies, self.state_takes_s = other, replies, state_takes_s
        self.meet = threading.Barrier(at_once)
        self.asked = []

    def routes(self) -> list[str]:
        return [asked.route for asked in self.asked]

    def close(self) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that is gone is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: RecordedPortal

    def _serve(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        portal = self.server
        route = self.path.removeprefix("/api/2.0/").partition("?")[0]
        portal.asked.append(Asked(self.command, route, "Authorization" in self.headers))
        if route == STATE[0]:
            time.sleep(portal.state_takes_s)
        elif route not in STATE:
            portal.meet.wait(30)
        self._reply(portal.replies.get(route, portal.other))

    def _reply(self, reply: Reply) -> None:
        if not reply.status:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.content_type:
            self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_PUT = _serve  # noqa: N815 # the base class's names

    def log_message(self, *args: object) -> None:
        pass
