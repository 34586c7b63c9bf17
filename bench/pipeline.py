"""The simulated portal and the four workers as processes, for a measurement from webhook to mail."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from demo.ports import free_ports

SECRET = "bench-secret"
ROOM, INCOMING = 86190, 748239
WORKERS = ("classifier", "mover", "notifier")
CONCURRENCY = 32
"""A handler waits for the portal most of its time; more would have the two cores wait for each other."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    portal: str
    ingress: str
    webhook: str
    workers: tuple[str, ...]
    """Where each answers `/readyz`."""

    def state(self, limit: int | None = None) -> dict[str, Any]:
        """What the portal and the mailbox hold; `limit` is how many of each list, and None all."""
        params = {} if limit is None else {"limit": limit}
        state: dict[str, Any] = requests.get(f"{self.portal}/simulator/state", params=params, timeout=60).json()
        return state

    def spooled(self) -> int:
        lines = requests.get(f"{self.ingress}/metrics", timeout=10).text.splitlines()
        return next(int(float(line.split()[1])) for line in lines if line.startswith("intake_spool_events "))

    def wait_ready(self, timeout_s: float = 60.0) -> None:
        """RuntimeError if one of them is not ready in time."""
        deadline = time.monotonic() + timeout_s
        for address in (self.ingress, *self.workers):
            while not _answers(f"{address}/readyz"):
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{address}/readyz was not 200 in {timeout_s:.0f} s")
                time.sleep(0.1)


@contextlib.contextmanager
def pipeline(amqp_url: str, logs: Path) -> Iterator[Pipeline]:
    """Everything ready; the logs are kept in `logs`."""
    portal_port, smtp_port, ingress_port, *health_ports = free_ports(3 + len(WORKERS))
    portal, ingress = f"http://127.0.0.1:{portal_port}", f"http://127.0.0.1:{ingress_port}"
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as running:
        settings = {
            "SIMULATOR_PORT": str(portal_port),
            "SIMULATOR_SMTP_PORT": str(smtp_port),
            "SIMULATOR_WEBHOOK_URL": "",  # we send them, and take the time
            "SIMULATOR_OPERATION_MS": "20",
            "AMQP_URL": amqp_url,
            "DOCSPACE_WEBHOOK_SECRET": SECRET,
            "INGRESS_PORT": str(ingress_port),
            "SPOOL_PATH": f"{folder}/spool.db",
            "DATABASE_URL": f"sqlite:///{folder}/ledger.db",
            "DOCSPACE_API_HOST": portal,
            "DOCSPACE_API_KEY": "sk-simulator",
            "CLIENT_ROOM_ID": str(ROOM),
            "INCOMING_FOLDER_ID": str(INCOMING),
            "MANAGER_EMAIL": "manager@example.com",
            "SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
            "WORKER_CONCURRENCY": str(CONCURRENCY),
        }
        running.enter_context(_process("simulator", settings, logs))
        while not _answers(f"{portal}/healthz"):
            time.sleep(0.1)
        running.enter_context(_process("ingress", settings, logs))
        for worker, port in zip(WORKERS, health_ports, strict=True):
            running.enter_context(_process(worker, settings | {"HEALTH_PORT": str(port)}, logs))
        started = Pipeline(
            portal,
            ingress,
            f"{ingress}/docspace/webhook",
            tuple(f"http://127.0.0.1:{port}" for port in health_ports),
        )
        started.wait_ready()
        yield started


@contextlib.contextmanager
def _process(name: str, settings: dict[str, str], logs: Path) -> Iterator[None]:
    with (logs / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", name], env={"PATH": os.environ["PATH"], **settings}, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False
