"""Runs the product as processes of this machine, with a private RabbitMQ and a ledger in SQLite."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

from demo import image
from demo.broker import BrokerFailedError, BrokerMissingError, Cluster
from demo.ports import free_or_default, free_ports
from demo.stack import ROOT, Addresses, Say, StackFailedError, tail
from shared.store.people.membership import Membership
from shared.store.people.person import Role
from shared.wire.stages import NAMES

READY_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 12.0  # a worker takes up to 8 s to finish its work
BEFORE_THE_PORTAL = ("ingress", *NAMES, "history", "web")
"""The parts to stop while the simulated portal still answers."""
RULES = {"CLIENT_ROOM_ID": "86190", "INCOMING_FOLDER_ID": "748239", "MANAGER_EMAIL": "manager@example.com"}
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV")
"""The variables of this shell that the parts get: never those of a real portal."""


class ProcessStack:
    def __init__(self) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="intake-demo-"))
        self._database_url = f"sqlite:///{self._directory}/ledger.db"
        self._web = ""
        self._cluster: Cluster | None = None
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._failed = False

    def start(self, say: Say) -> Addresses:
        say("starting a private RabbitMQ (about 10 s)")
        try:
            self._cluster = Cluster()
            broker = self._cluster.__enter__().nodes[0]
        except (BrokerMissingError, BrokerFailedError) as error:
            self._cluster = None
            raise StackFailedError(str(error)) from error
        page_port, ingress_port, web_port = map(free_or_default, (8080, 3000, 8081))
        smtp_port, ingress_health, *health_ports = free_ports(2 + len(NAMES))
        page, ingress = f"http://127.0.0.1:{page_port}", f"http://127.0.0.1:{ingress_port}"

        self._web = f"http://127.0.0.1:{web_port}"
        say("starting the simulated portal, the four workers and the web console")
        self._launch(
            "simulator",
            SIMULATOR_PORT=str(page_port),
            SIMULATOR_SMTP_PORT=str(smtp_port),
            SIMULATOR_PUBLIC_URL=page,
            SIMULATOR_API_KEY="sk-simulator",
            SIMULATOR_WEBHOOK_URL=f"{ingress}/docspace/webhook",
            SIMULATOR_WEBHOOK_SECRET="Simulator-Secret-1",  # noqa: S106 # the simulator's own
        )
        self._launch(
            "ingress",
            AMQP_URL=broker.amqp_url,
            DOCSPACE_WEBHOOK_SECRET="Simulator-Secret-1",  # noqa: S106 # the simulator's own
            INGRESS_PORT=str(ingress_port),
            HEALTH_PORT=str(ingress_health),
            SPOOL_PATH=str(self._directory / "spool.db"),
        )
        for worker, health_port in zip(NAMES, health_ports, strict=True):
            self._launch(
                worker,
                AMQP_URL=broker.amqp_url,
                DATABASE_URL=self._database_url,
                DOCSPACE_API_HOST=page,
                DOCSPACE_API_KEY="sk-simulator",
                **RULES,
                SMTP_URL=f"smtp://127.0.0.1:{smtp_port}",
                HEALTH_PORT=str(health_port),
            )
        about = {"AMQP_URL": broker.amqp_url, "DATABASE_URL": self._database_url, **RULES}
        health = ",".join(f"http://127.0.0.1:{port}" for port in (ingress_health, *health_ports))
        self._launch("history", "console", "history", **about)
        self._launch(
            "web", "console", "web", **about, WEB_PORT=str(web_port), HEALTH_URLS=health,
            MANAGEMENT_URL=broker.management_url,
        )  # fmt: skip
        self._wait_ready(
            {
                "simulator": f"{page}/healthz",
                "ingress": f"http://127.0.0.1:{ingress_health}/readyz",
                "web": f"{self._web}/healthz",
                **{
                    worker: f"http://127.0.0.1:{port}/readyz"
                    for worker, port in zip(NAMES, health_ports, strict=True)
                },
            }
        )
        return Addresses(
            page, broker.management_url, broker.amqp_url, ingress, self._web, f"{self._directory}/*.log"
        )

    def invitation(self) -> str:
        with contextlib.closing(Membership(self._database_url)) as membership:
            token = membership.people.invite("demo", Role.ADMIN, time.time(), by="the demo", sets_password=False)
        return f"{self._web}/invite/{token}"

    def check(self) -> None:
        for name, process in self._processes.items():
            if process.poll() is not None:
                self._fail(name, f"ended with exit code {process.returncode}")

    def stop(self) -> None:
        for name in BEFORE_THE_PORTAL:
            self._signal(name, signal.SIGTERM)
        for name in BEFORE_THE_PORTAL:
            self._wait(name)
        self._signal("simulator", signal.SIGTERM)
        self._wait("simulator")
        self._processes.clear()
        self._clear()

    def kill(self) -> None:
        for name in self._processes:
            self._signal(name, signal.SIGKILL)
        self._clear()

    def _clear(self) -> None:
        if self._cluster is not None:
            self._cluster.close()
            self._cluster = None
        if not self._failed:
            shutil.rmtree(self._directory, ignore_errors=True)

    def _launch(self, name: str, *module: str, **settings: str) -> None:
        """`module` is the module and its arguments, if the module does not have the part's name."""
        kept = {variable: os.environ[variable] for variable in KEPT_VARIABLES if variable in os.environ}
        with self._log(name).open("wb") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", *(module or (name,))],
                cwd=ROOT,
                env=kept | image.ENVIRON | {"PYTHONUNBUFFERED": "1"} | settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so Ctrl-C reaches us alone, and we stop the parts in order
            )

    def _wait_ready(self, urls: dict[str, str]) -> None:
        deadline = time.monotonic() + READY_TIMEOUT_S
        for name, url in urls.items():
            while (answer := _answer(url)) != "":
                self.check()
                if time.monotonic() > deadline:
                    self._fail(name, f"was not ready in {READY_TIMEOUT_S:.0f} s ({answer})")
                time.sleep(0.1)

    def _fail(self, name: str, what: str) -> None:
        self._failed = True
        raise StackFailedError(f"{name} {what}; the end of {self._log(name)}:\n{tail(self._log(name))}")

    def _log(self, name: str) -> Path:
        return self._directory / f"{name}.log"

    def _signal(self, name: str, number: signal.Signals) -> None:
        process = self._processes.get(name)
        if process is not None and process.poll() is None:
            process.send_signal(number)

    def _wait(self, name: str) -> None:
        process = self._processes.get(name)
        if process is None:
            return
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answer(url: str) -> str:
    """Empty if the answer is 200, else what came instead."""
    try:
        answer = requests.get(url, timeout=3)
    except requests.RequestException as error:
        return type(error).__name__
    return "" if answer.ok else f"{answer.status_code} {answer.text[:200]}"
