"""One run of one server: signed 1 kB posts, each verified and confirmed on a quorum queue before its 200.

64 connections as fast as they are answered, then 200 posts a second by the clock. Afterwards the queue must hold
exactly as many messages as posts were answered, or the bench fails.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.child import Child, ContenderError
from bench.contenders import Server, servers
from bench.load import SECRET
from bench.queues import JOBS, Queues
from demo.ports import free_ports

CONNECTIONS = 64
CALM_PER_S = 200
WARM_UP_S = 1.0
MOST_PORTS = 2
WEBHOOK = "/docspace/webhook"
"""Where each of them answers a GET."""
READY_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class IngressFigures:
    per_s: float
    p99_ms: float
    p99_calm_ms: float
    cpu_ms: float
    """Of the server's processes, for each post at full load."""
    load_share: float
    """Of one core, taken by the load generator."""


def run(url: str, name: str, seconds: float) -> IngressFigures:
    queues = Queues(url)
    queues.reset()
    queues.declare(JOBS)
    ports = free_ports(MOST_PORTS)
    with tempfile.TemporaryDirectory() as folder:
        server = next(each for each in servers(ports, f"{folder}/spool.db") if each.name == name)
        environ = {"AMQP_URL": url, "DOCSPACE_WEBHOOK_SECRET": SECRET, "PORT": str(ports[0]), **server.environ}
        with Child(server.command, environ, Path(folder) / "log") as child:
            ports = ports[: server.ports]
            for port in ports:
                _wait_ready(child, port, server)
            _load(child, ports, WARM_UP_S)
            if server.queue:
                queues.purge(server.queue)
            cpu_before_s = child.cpu_s()
            full = _load(child, ports, seconds)
            cpu_s = child.cpu_s() - cpu_before_s
            calm = _load(child, ports, seconds, CALM_PER_S)
            if "webhook.spooled" in child.log():
                raise child.failed(
                    f"{server.name}: a post was answered from the spool, not by the broker's confirm"
                )
            if server.queue:
                _check(queues, server, full["answered"] + calm["answered"])
    return IngressFigures(
        per_s=full["per_s"],
        p99_ms=full["p99_ms"],
        p99_calm_ms=calm["p99_ms"],
        cpu_ms=cpu_s * 1000 / full["answered"],
        load_share=full["cpu_share"],
    )


def _load(child: Child, ports: Sequence[int], seconds: float, per_s: int | None = None) -> dict[str, Any]:
    """In a process of its own, so that it shares no interpreter with anybody."""
    command = [
        sys.executable,
        "-m",
        "bench.load",
        ",".join(map(str, ports)),
        str(seconds),
        str(CONNECTIONS),
        *([str(per_s)] if per_s else []),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 60)
    if done.returncode:
        raise child.failed(f"the load failed: {done.stderr.strip().splitlines()[-1]}")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _check(queues: Queues, server: Server, answered: int) -> None:
    waiting = queues.ready(server.queue or "")
    if waiting != answered:
        raise ContenderError(f"{server.name}: {answered} posts were answered 200, {waiting} are on the queue")


def _wait_ready(child: Child, port: int, server: Server) -> None:
    deadline = time.monotonic() + READY_LIMIT_S
    while time.monotonic() < deadline:
        child.check()
        with contextlib.suppress(OSError):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{WEBHOOK}", timeout=2).close()
            except urllib.error.HTTPError as error:
                if error.code >= 500:
                    raise
            if child.log().count(server.ready_log) >= server.ports:
                return
        time.sleep(0.1)
    raise child.failed(f"not ready in {READY_LIMIT_S:.0f} s")
