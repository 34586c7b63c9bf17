"""The ingress: signed posts of 1 kB, verified and confirmed on a quorum queue, against the same server's GET.

The GET touches neither signature nor broker: what it reaches is what Falcon on waitress allows here.
"""

import contextlib
import hashlib
import hmac
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator

from bench.load import load

SECRET = "bench-secret"
CONNECTIONS = 64


def body() -> bytes:
    event = {"event": {"id": 1, "trigger": "file.uploaded"}, "payload": {"id": 1}, "filler": "x" * 900}
    return json.dumps(event).encode()


@contextlib.contextmanager
def ingress(url: str, port: int) -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "PATH": os.environ["PATH"],
            "AMQP_URL": url,
            "DOCSPACE_WEBHOOK_SECRET": SECRET,
            "INGRESS_PORT": str(port),
            "SPOOL_PATH": f"{folder}/spool.db",
            "CONFIRM_TIMEOUT_S": "10",
        }
        process = subprocess.Popen([sys.executable, "-m", "ingress"], env=environ, stdout=subprocess.DEVNULL)
        try:
            _wait_ready(port)
            yield
        finally:
            process.terminate()
            process.wait(15)


def posts(port: int, seconds: float, connections: int = CONNECTIONS) -> list[float]:
    signature = "sha256=" + hmac.new(SECRET.encode(), body(), hashlib.sha256).hexdigest().upper()
    return load(
        port, "POST", {"x-docspace-signature-256": signature}, body(), connections=connections, seconds=seconds
    )


def gets(port: int, seconds: float, connections: int = CONNECTIONS) -> list[float]:
    return load(port, "GET", {}, b"", connections=connections, seconds=seconds)


def _wait_ready(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
            return
        time.sleep(0.1)
    raise RuntimeError("the ingress was not ready in 30 s")
