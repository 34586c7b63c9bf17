"""`python -m bench.idle`: what the stack of `docker compose up` costs while nothing happens.

It builds and starts the whole stack, the web console too, lets it come to rest, and reads what the kernel counted
for each container over some minutes. Health checks are part of it. It fails if a container was not healthy at the
end, or was started again meanwhile.
"""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import product
from bench.cgroup import Cgroup
from bench.machine import machine
from bench.report import RESULTS, about, markdown, save, section
from demo.ports import free_port
from tests.support.compose import Compose
from tests.support.waiting import wait_until

SERVICES = ("ingress", "classifier", "mover", "notifier", "reconciler", "history")
OPTIONAL = ("web",)
OTHERS = ("simulator", "rabbitmq", "postgres")
HEALTHY_WITHIN_S = 300.0
TARGETS = {"together": (3.0, 340.0), **dict.fromkeys(OPTIONAL, (0.3, 70.0))}
"""Per cent of one core, and MB."""


@dataclass(frozen=True, slots=True)
class IdleFigures:
    cpu_percent: float
    """Of one core."""
    memory_mb: float


class Container:
    def __init__(self, service: str, container_id: str) -> None:
        self.service = service
        self._id = container_id
        self._started_at, pid = self._inspect("{{.State.StartedAt}} {{.State.Pid}}").split()
        self.cgroup = Cgroup(int(pid))

    @property
    def is_healthy(self) -> bool:
        return self._inspect("{{.State.Health.Status}}").strip() == "healthy"

    def check(self) -> None:
        """RuntimeError if it is not healthy, or was started again."""
        if not self.is_healthy or self._inspect("{{.State.StartedAt}}").strip() != self._started_at:
            raise RuntimeError(f"{self.service} was started again, or is not healthy")

    def _inspect(self, wanted: str) -> str:
        command = ["docker", "inspect", "--format", wanted, self._id]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.idle", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300, help="that are measured (default 300)")
    parser.add_argument("--rest", type=float, default=120, help="seconds until then (default 120)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="JSON that the figures are added to")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the stack ends with us
    found_machine = machine("RabbitMQ and PostgreSQL of docker-compose.yml")
    print(about(found_machine), "\n", flush=True)
    with _stack() as containers:
        print(f"all are healthy; {arguments.rest:g} s of rest, then {arguments.seconds:g} s", flush=True)
        time.sleep(arguments.rest)
        figures = _measured(containers, arguments.seconds)
    save("idle", section({name: [each] for name, each in figures.items()}, found_machine), arguments.results)
    print(f"\n{_table(figures)}", flush=True)
    return 0


@contextmanager
def _stack() -> Iterator[list[Container]]:
    compose = Compose(product.root(), {"COMPOSE_PROFILES": "web", "WEB_PUBLISH": f"127.0.0.1:{free_port()}"})
    try:
        compose.run("up", "--build", "--detach", timeout_s=1200)
        ids = {
            service: compose.run("ps", "--quiet", service).strip() for service in (*SERVICES, *OPTIONAL, *OTHERS)
        }
        containers = [Container(service, container_id) for service, container_id in ids.items()]
        for each in containers:  # not `up --wait`, which gives up where a broker needs long on a busy machine
            wait_until(
                lambda each=each: each.is_healthy, HEALTHY_WITHIN_S, f"{each.service} to be healthy", every_s=1
            )
        yield containers
    finally:
        compose.run("down", "--volumes", "--timeout", "5", "--rmi", "local")


def _measured(containers: Iterable[Container], seconds: float) -> dict[str, IdleFigures]:
    began = {each.service: (time.monotonic(), each.cgroup.cpu_s()) for each in containers}
    time.sleep(seconds)
    figures = {each.service: _since(*began[each.service], each.cgroup) for each in containers}
    for each in containers:
        each.check()
    return figures


def _since(began: float, cpu_s: float, cgroup: Cgroup) -> IdleFigures:
    spent_s = cgroup.cpu_s() - cpu_s
    return IdleFigures(100 * spent_s / (time.monotonic() - began), cgroup.memory_mb())


def _table(figures: Mapping[str, IdleFigures]) -> str:
    together = IdleFigures(
        sum(figures[name].cpu_percent for name in SERVICES), sum(figures[name].memory_mb for name in SERVICES)
    )
    rows = {**{name: figures[name] for name in SERVICES}, "together": together}
    rows |= {name: figures[name] for name in (*OPTIONAL, *OTHERS)}
    header = ["service", "% of one core", "target", "MB", "target"]
    return markdown(header, [_row(name, each) for name, each in rows.items()])


def _row(name: str, each: IdleFigures) -> list[str]:
    cpu, memory = (f"< {most:g}" for most in TARGETS[name]) if name in TARGETS else ("", "")
    return [name, f"{each.cpu_percent:.2f}", cpu, f"{each.memory_mb:.1f}", memory]


if __name__ == "__main__":
    raise SystemExit(main())
