"""The simulated portal and the four workers as processes, for a measurement from webhook to mail."""

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from bench import product
from demo import image
from demo.ports import free_ports
from shared.wire.stages import NAMES

SECRET = "bench-secret"
WEBHOOK = "/docspace/webhook"
ROOM, INCOMING = 86190, 748239
WORKERS = NAMES
READ_ALL_S = 1800
"""The simulated mailbox reads its mails when somebody looks: after an hour's soak that is 360,000 of them."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    portal: str
    webhook: str
    workers: tuple[str, ...]
    """Where each answers `/readyz`, the ingress first."""
    pids: Mapping[str, int]
    """Of the simulator and the four workers, by name."""

    def state(self, limit: int | None = None) -> dict[str, Any]:
        """What the portal and the mailbox hold; `limit` is how many of each list, and None all."""
        params = {} if limit is None else {"limit": limit}
        timeout_s = READ_ALL_S if limit is None else 60
        state: dict[str, Any] = requests.get(
            f"{self.portal}/simulator/state", params=params, timeout=timeout_s
        ).json()
        return state

    def mails(self) -> int:
        return int(self.state(limit=0)["counts"]["mails"])

    def wait_for_mails(self, wanted: int, stalled_s: float) -> None:
        """RuntimeError once no further mail has come for `stalled_s`."""
        found, risen_at = -1, time.monotonic()
        while (now := self.mails()) < wanted:
            if now > found:
                found, risen_at = now, time.monotonic()
            if time.monotonic() - risen_at > stalled_s:
                raise RuntimeError(f"{wanted - now} invoices are not announced, and none was for {stalled_s:.0f} s")
            time.sleep(1)

    def spooled(self) -> int:
        lines = requests.get(f"{self.workers[0]}/metrics", timeout=10).text.splitlines()
        return next(int(float(line.split()[1])) for line in lines if line.startswith("intake_spool_events "))

    def wait_ready(self, timeout_s: float = 60.0) -> None:
        """RuntimeError if one of them is not ready in time."""
        deadline = time.monotonic() + timeout_s
        for address in self.workers:
            while not _answers(f"{address}/readyz"):
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{address}/readyz was not 200 in {timeout_s:.0f} s")
                time.sleep(0.1)


@contextlib.contextmanager
def portal(
    amqp_url: str,
    logs: Path,
    *,
    operation_ms: int = 20,
    sends: bool = False,
    more: Mapping[str, str] | None = None,
) -> Iterator[tuple[dict[str, str], int]]:
    """The simulated portal alone: the settings with which workers find it, and its process id.

    `operation_ms` is how long a move takes it; `sends`: it posts the webhooks itself, both of an upload; `more` are
    further settings, of the portal or of the workers.
    """
    portal_port, smtp_port, ingress_port = free_ports(3)
    address = f"http://127.0.0.1:{portal_port}"
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "SIMULATOR_PORT": str(portal_port),
            "SIMULATOR_SMTP_PORT": str(smtp_port),
            "SIMULATOR_WEBHOOK_URL": f"http://127.0.0.1:{ingress_port}{WEBHOOK}" if sends else "",
            "SIMULATOR_WEBHOOK_SECRET": SECRET,
            "SIMULATOR_OPERATION_MS": str(operation_ms),
            "AMQP_URL": amqp_url,
            "DOCSPACE_WEBHOOK_SECRET": SECRET,
            "INGRESS_PORT": str(ingress_port),
            "SPOOL_PATH": f"{folder}/spool.db",
            "DATABASE_URL": f"sqlite:///{folder}/ledger.db",
            "DOCSPACE_API_HOST": address,
            "DOCSPACE_API_KEY": "sk-simulator",
            "CLIENT_ROOM_ID": str(ROOM),
            "INCOMING_FOLDER_ID": str(INCOMING),
            "MANAGER_EMAIL": "manager@example.com",
            "SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
            **(more or {}),
        }
        simulator = _start("simulator", settings, logs, product.ROOT)
        try:
            while not _answers(f"{address}/healthz"):
                if simulator.poll() is not None:
                    raise RuntimeError(f"the simulated portal ended, see {logs}/simulator.log")
                time.sleep(0.1)
            yield settings, simulator.pid
        finally:
            _end(simulator)


@contextlib.contextmanager
def pipeline(
    amqp_url: str,
    logs: Path,
    *,
    operation_ms: int = 20,
    sends: bool = False,
    more: Mapping[str, str] | None = None,
) -> Iterator[Pipeline]:
    """The portal and the four workers, all ready; the logs are kept in `logs`. Settings as for `portal`."""
    with portal(amqp_url, logs, operation_ms=operation_ms, sends=sends, more=more) as (settings, pid):
        processes = {}
        health_ports = free_ports(1 + len(WORKERS))
        for worker, port in zip(("ingress", *WORKERS), health_ports, strict=True):
            processes[worker] = _start(worker, settings | {"HEALTH_PORT": str(port)}, logs)
        started = Pipeline(
            settings["DOCSPACE_API_HOST"],
            f"http://127.0.0.1:{settings['INGRESS_PORT']}{WEBHOOK}",
            tuple(f"http://127.0.0.1:{port}" for port in health_ports),
            {"simulator": pid, **{name: process.pid for name, process in processes.items()}},
        )
        try:
            started.wait_ready()
            yield started
        finally:
            _end(*processes.values())


def _start(name: str, settings: dict[str, str], logs: Path, place: Path | None = None) -> subprocess.Popen[bytes]:
    place = place or product.root()
    with (logs / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            product.module(name),
            cwd=place,
            env={"PATH": os.environ["PATH"], **product.imports_from(place), **image.ENVIRON, **settings},
            stdout=log,
            stderr=log,
        )


def _end(*processes: subprocess.Popen[bytes]) -> None:
    """All at once, as each takes its moment to drain."""
    for process in processes:
        process.terminate()
    for process in processes:
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
