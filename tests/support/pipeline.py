"""The four workers as real processes against a broker and a simulated portal."""

import contextlib
import json
import os
import resource
import signal
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from demo.ports import free_port
from shared.runtime.crash_points import CrashPoint
from shared.wire.stages import NAMES, READER
from simulator.server import Simulator
from simulator.settings import Settings
from tests.support import forks
from tests.support.waiting import wait_until
from tests.support.webhooks import SECRET

ROOM, SUBFOLDER, SECTION, INCOMING = 86190, 86193, 52817, 748239
MANAGER = "manager@example.com"
LOG_TAIL_LINES = 20
WORKERS = ("ingress", *NAMES)


@dataclass
class Worker:
    name: str
    environ: dict[str, str]
    log: Path
    port: int
    """Where it tells how it is."""
    process: forks.Started | None = field(default=None)
    command: tuple[str, ...] = ()
    """What to run instead of `python -m NAME`."""
    cwd: Path | None = None
    """Where its code is, if it is not this repository's."""
    log_before: int = 0
    """How long its log was at its last start, in bytes."""

    def start(self, *, crash_at: CrashPoint | None = None, nth: int = 1, **settings: str) -> None:
        """`settings` are for this start alone; the `nth` time that it is at `crash_at` it kills itself."""
        armed = ["tests.support.crashing", crash_at, str(nth)] if crash_at else []
        with self.log.open("ab") as log:
            self.log_before = log.tell()
            command = self.command or (sys.executable, "-m", *armed, self.name)
            self.process = forks.start(command, self.environ | settings, log, self.cwd)

    def stop(self, number: int = signal.SIGTERM, timeout_s: float = 15) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout_s)

    def wait(self, timeout_s: float) -> int:
        """Its exit code, once it ends by itself."""
        assert self.process is not None
        return self.process.wait(timeout_s)

    @property
    def webhook_port(self) -> int:
        """An ingress's."""
        return int(self.environ["INGRESS_PORT"])

    @property
    def webhook_url(self) -> str:
        return f"http://127.0.0.1:{self.webhook_port}/docspace/webhook"

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def freeze(self) -> None:
        """Its connections stay open and nothing answers."""
        if self.process is not None and self.running:
            self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        if self.process is not None and self.running:
            self.process.send_signal(signal.SIGCONT)

    def get(self, path: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=5)

    def ready(self) -> bool:
        with contextlib.suppress(requests.ConnectionError):
            return self.get("/readyz").status_code == 200
        return False

    def wait_ready(self, timeout_s: float = 60) -> None:
        """AssertionError with the end of its log: at once if it ends, else when the time is up."""
        try:
            wait_until(lambda: self.ready() or not self.running, timeout_s, f"{self.name} to be ready", every_s=0.1)
            assert self.running, f"{self.name} ended"
        except AssertionError as error:
            error.add_note("\n".join(self.log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]))
            raise

    def answers(self) -> bool:
        with contextlib.suppress(requests.ConnectionError):
            return self.get("/healthz").status_code == 200
        return False

    def wait_connected(self) -> None:
        """An ingress is ready sooner than it reaches the broker: with its spool."""
        wait_until(lambda: "broker.connected" in self.written(), 30, f"{self.name} to reach the broker: {self.log}")

    def written(self) -> str:
        """What it wrote since its last start."""
        return self.log.read_bytes()[self.log_before :].decode()

    def events(self) -> list[dict[str, Any]]:
        """What it logged."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [json.loads(line) for line in lines if line.startswith("{")]


def limit_files(worker: Worker, size: int) -> None:
    """No file of its process grows beyond so many bytes: 0 is a disk that is full. Its log is one of them."""
    if worker.process is not None and worker.running:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(worker.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@dataclass
class Pipeline:
    simulator: Simulator
    workers: dict[str, Worker]

    @property
    def webhook_url(self) -> str:
        return self.workers["ingress"].webhook_url

    def wait_ready(self) -> None:
        for worker in self.workers.values():
            worker.wait_ready()

    def start_another(self, name: str) -> Worker:
        """A second process of that name, started; it is `NAME-2` among the workers. Not for the ingress."""
        first, port = self.workers[name], free_port()
        log = first.log.with_name(f"{name}-2.log")
        other = Worker(name, first.environ | {"HEALTH_PORT": str(port)}, log, port)
        self.workers[f"{name}-2"] = other
        other.start()
        return other

    def upload(
        self, title: str, *, folder: int | str = ROOM, kind: str = "chunked", data: bytes = b"%PDF-1.7 sample"
    ) -> int | str:
        answer = requests.post(
            f"{self.simulator.url}/simulator/upload",
            params={"folder": str(folder), "name": title, "kind": kind},
            data=data,
            timeout=10,
        )
        answer.raise_for_status()
        file_id: int | str = answer.json()["id"]
        return file_id

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = requests.get(f"{self.simulator.url}/simulator/state", timeout=10).json()
        return state

    def moves_of(self, file_id: int | str) -> list[dict[str, Any]]:
        return [move for move in self.state()["moves"] if move["file_id"] == file_id]

    def mails_about(self, title: str) -> list[dict[str, Any]]:
        return [mail for mail in self.state()["mails"] if title in mail["subject"]]

    def faults(self, faults: dict[str, Any] | None) -> None:
        url = f"{self.simulator.url}/simulator/faults"
        (
            requests.delete(url, timeout=5) if faults is None else requests.put(url, json=faults, timeout=5)
        ).raise_for_status()

    def mood(self, **mood: Any) -> None:
        """Changes the portal as a whole; without any, it is as ever again."""
        url = f"{self.simulator.url}/simulator/portal"
        (requests.put(url, json=mood, timeout=5) if mood else requests.delete(url, timeout=5)).raise_for_status()

    def unready(self, worker: str) -> str:
        """What its /readyz says is wrong; empty where nothing is."""
        return self._said(worker, "faults")

    def notes(self, worker: str) -> str:
        """What its /readyz notes, ready or not; empty where nothing is."""
        return self._said(worker, "notes")

    def _said(self, worker: str, part: str) -> str:
        return " ".join(filter(None, self.workers[worker].get("/readyz").json().get(part, {}).values()))

    def settled(self, worker: str) -> list[dict[str, Any]]:
        return [event for event in self.workers[worker].events() if event["event"] == "message.settled"]


def mover_environ(amqp_url: str, folder: Path, portal_url: str) -> dict[str, str]:
    """For a mover alone."""
    return {
        "PATH": os.environ["PATH"],
        "AMQP_URL": amqp_url,
        "DATABASE_URL": f"sqlite:///{folder}/ledger.db",
        "DOCSPACE_API_HOST": portal_url,
        "DOCSPACE_API_KEY": "sk-simulator",
        "CLIENT_ROOM_ID": str(ROOM),
        "INCOMING_FOLDER_ID": str(INCOMING),
        "MANAGER_EMAIL": MANAGER,
        "RETRY_DELAYS_S": "1,2",
        "LOG_FORMAT": "json",
    }


@contextlib.contextmanager
def running_pipeline(
    amqp_url: str,
    folder: Path,
    database_url: str | None = None,
    *,
    webhook_retry_base_s: float = 0.2,
    held: Collection[str] = (),
    reader: bool = False,
    **settings: str,
) -> Iterator[Pipeline]:
    """Starts all but those `held`, in no particular order; `settings` go to each on top of what is needed."""
    ports = {name: free_port() for name in (*WORKERS, *([READER.name] if reader else []))}
    ingress_port = free_port()
    simulator = Simulator(
        Settings(
            port=0,
            smtp_port=0,
            webhook_url=f"http://127.0.0.1:{ingress_port}/docspace/webhook",
            webhook_secret=SECRET,
            webhook_retry_base_s=webhook_retry_base_s,
        )
    )
    simulator.start()
    environ = {
        "PATH": os.environ["PATH"],
        "AMQP_URL": amqp_url,
        "DATABASE_URL": database_url or f"sqlite:///{folder}/ledger.db",
        "SPOOL_PATH": f"{folder}/spool.db",
        "DOCSPACE_API_HOST": simulator.url,
        "DOCSPACE_API_KEY": "sk-simulator",
        "DOCSPACE_WEBHOOK_SECRET": SECRET,
        "CLIENT_ROOM_ID": str(ROOM),
        "INCOMING_FOLDER_ID": str(INCOMING),
        "MANAGER_EMAIL": MANAGER,
        "SMTP_URL": f"smtp://127.0.0.1:{simulator.smtp_port}",
        "RETRY_DELAYS_S": "1,2",
        "LOG_FORMAT": "json",
        **({"READER": "on"} if reader else {}),
        **settings,
    }
    workers = {
        name: Worker(
            name,
            environ | {"HEALTH_PORT": str(port), "INGRESS_PORT": str(ingress_port)},
            folder / f"{name}.log",
            port,
        )
        for name, port in ports.items()
    }
    try:
        for worker in workers.values():
            if worker.name not in held:
                worker.start()
        yield Pipeline(simulator, workers)
    finally:
        for worker in workers.values():
            if worker.process is not None and worker.process.poll() is None:
                worker.process.kill()
                worker.process.wait(10)
        simulator.stop()
