"""What the operator's tests share: a place that HTTP posts reach, and the operator's process."""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from shared.runtime.crash_points import CrashPoint
from tests.support.operating import times
from tests.support.pipeline import INCOMING, MANAGER, ROOM, Worker


@dataclass
class Hook:
    """A real HTTP server that Apprise posts to."""

    server: ThreadingHTTPServer
    posts: list[dict[str, Any]] = field(default_factory=list)
    refuses: bool = False
    hangs: threading.Event | None = None
    """Set to let those go on that it keeps waiting."""

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.server.server_port}/"

    def subjects(self) -> list[str]:
        return [post["title"] for post in self.posts]


@pytest.fixture
def hook() -> Iterator[Hook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if found.hangs is not None:
                found.hangs.wait(60)
            if not found.refuses:
                found.posts.append(body)
            self.send_response(500 if found.refuses else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """To nowhere."""

    found = Hook(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
    thread = threading.Thread(target=found.server.serve_forever, args=(0.05,))
    thread.start()
    yield found
    if found.hangs is not None:
        found.hangs.set()
    found.server.shutdown()
    thread.join()
    found.server.server_close()


Start = Callable[..., Worker]


@pytest.fixture
def operate(tmp_path: Path) -> Iterator[Start]:
    """Starts the operator's process: with this environment, and these of its times."""
    started: list[Worker] = []

    def start(environ: dict[str, str], crash_at: CrashPoint | None = None, **other: Any) -> Worker:
        armed = ["tests.support.crashing", crash_at, "1"] if crash_at else []
        command = (sys.executable, "-m", *armed, "tests.support.operating", times(**other))
        log = tmp_path / f"operator-{len(started)}.log"
        worker = Worker("operator", environ, log, 0, command=command)
        worker.start()
        started.append(worker)
        return worker

    yield start
    for worker in started:
        if worker.process is not None and worker.running:
            worker.process.kill()
            worker.process.wait(10)


def environ_of(database_url: str, portal_url: str, **settings: str) -> dict[str, str]:
    """Without a broker."""
    return {
        "PATH": os.environ["PATH"],
        "AMQP_URL": "amqp://127.0.0.1:9/",
        "DATABASE_URL": database_url,
        "DOCSPACE_API_HOST": portal_url,
        "DOCSPACE_API_KEY": "sk-simulator",
        "CLIENT_ROOM_ID": str(ROOM),
        "INCOMING_FOLDER_ID": str(INCOMING),
        "MANAGER_EMAIL": MANAGER,
        "RETRY_DELAYS_S": "1,2",
        "MAIL_FROM": "invoices@example.com",
        **settings,
    }
