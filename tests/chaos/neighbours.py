"""Other people's webhooks at the portal, which fail or are slow and so hold up ours; and one slow receiver."""

import contextlib
import http.server
import threading
import time
from collections.abc import Iterator

import requests

from simulator.outgoing.triggers import UPLOADS

NOBODY = "http://127.0.0.1:1/other"
SLOW_S = 3.0
"""Of each answer. A batch that holds one takes as long."""


class Neighbours:
    """Their ids are kept: what they were answered says nothing of what we were told."""

    def __init__(self, portal_url: str, slow_url: str) -> None:
        self._url = f"{portal_url}/simulator/webhooks"
        self._addresses = {"failing": NOBODY, "slow": slow_url}
        self._now: set[int] = set()
        self.ever: set[int] = set()

    def come(self, what: str) -> int:
        """`failing` or `slow`. Of the portal's owner, who may read everything."""
        asked: dict[str, object] = {
            "owner": "owner",
            "name": f"{what} {time.monotonic_ns()}",
            "secret": "Other-Secret-1",
        }
        asked |= {"uri": self._addresses[what], "triggers": UPLOADS}
        answer = requests.post(self._url, json=asked, timeout=60)
        answer.raise_for_status()
        webhook_id: int = answer.json()["id"]
        self._now.add(webhook_id)
        self.ever.add(webhook_id)
        return webhook_id

    def go(self) -> None:
        """All of them. What they hold up goes on when the batch under way ends: after one delivery's attempts."""
        for webhook_id in list(self._now):
            requests.delete(f"{self._url}/{webhook_id}", timeout=60).raise_for_status()
            self._now.discard(webhook_id)


@contextlib.contextmanager
def slow_receiver() -> Iterator[str]:
    """Its address. Each POST is answered, late."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(SLOW_S)  # it is slow, and waits for nothing
            with contextlib.suppress(OSError):
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/slow"
    finally:
        server.shutdown()
        server.server_close()
