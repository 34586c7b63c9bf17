"""A simulated portal, somebody in between who changes its answers, and `intake portal check`."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from typer.testing import CliRunner, Result

from console.__main__ import app
from simulator.server import Simulator
from simulator.settings import Settings
from tests.contract.simulator_quirks.receiver import SECRET, Receiver

Change = Callable[[str, str, int, Any], tuple[int, Any]]
"""Given method, path without the query, status and answer; the status and the answer to give instead."""


def unchanged(_: str, __: str, status: int, answer: Any) -> tuple[int, Any]:
    return status, answer


class Between(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, portal: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.portal = portal
        self.change: Change = unchanged

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Between

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {
            name: value for name, value in self.headers.items() if name.lower() not in {"host", "accept-encoding"}
        }
        told = requests.request(
            self.command,
            self.server.portal + self.path,
            data=body,
            headers=headers,
            timeout=30,
            allow_redirects=False,
        )
        with contextlib.suppress(ValueError):
            status, answer = self.server.change(
                self.command, self.path.partition("?")[0].removeprefix("/api/2.0/"), told.status_code, told.json()
            )
            self._answer(status, json.dumps(answer).encode(), told.headers)
            return
        self._answer(told.status_code, told.content, told.headers)

    def _answer(self, status: int, body: bytes, headers: Any) -> None:
        self.send_response(status)
        for name in ("Content-Type", "Location"):
            if name in headers:
                self.send_header(name, headers[name])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = _pass  # noqa: N815

    def log_message(self, *_: Any) -> None:
        pass


@dataclass
class Site:
    simulator: Simulator
    between: Between
    environ: dict[str, str] = field(default_factory=dict)

    def check(self, *arguments: str, yes: bool = True, **environ: str) -> Result:
        settings = {
            "DOCSPACE_API_HOST": self.between.url, "DOCSPACE_API_KEY": "sk-simulator", "CLIENT_ROOM_ID": "86190",
            "INCOMING_FOLDER_ID": "748239", "MANAGER_EMAIL": "manager@example.com", "RULES_FILE": None,
        }  # fmt: skip
        return CliRunner().invoke(
            app,
            ["portal", "check", *(["--yes"] if yes else []), "--wait", "2", *arguments],
            env=settings | self.environ | environ,
        )

    def report(self, *arguments: str, **environ: Any) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.check("--json", *arguments, **environ).stdout)
        return found

    def mood(self, **mood: Any) -> None:
        requests.put(f"{self.simulator.url}/simulator/portal", json=mood, timeout=10).raise_for_status()

    def files(self) -> dict[Any, Any]:
        with self.simulator.portal.lock:
            return dict(self.simulator.portal.tree.files)


@pytest.fixture
def site() -> Iterator[Site]:
    receiver = Receiver()
    settings = Settings(
        port=0,
        smtp_port=0,
        webhook_url=f"{receiver.url}/hook",
        webhook_secret=SECRET,
        operation_ms=50,
        webhook_poll_ms=5,
    )
    simulator = Simulator(settings)
    simulator.start()
    between = Between(simulator.url)
    threading.Thread(target=between.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield Site(simulator, between)
    finally:
        between.shutdown()
        between.server_close()
        simulator.stop()
        receiver.close()
