"""Who runs, how each is started, and what is the same for all: one process, quorum queues, confirms."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench import product
from bench.child import ENV, PEER, PEERS
from bench.product import ROOT

OURS = "this product"
OURS_KEPT = "this product, skips kept too"
"""A queue is bound to `event.skipped`, as an auditor might: four times the events, all on a quorum queue."""
OURS_NAMES = (OURS, OURS_KEPT)
OURS_UVICORN = "this product, uvicorn"
OURS_TWO = "this product, two processes"
NOOP = "no-op: Falcon, waitress"


@dataclass(frozen=True, slots=True)
class Worker:
    name: str
    command: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    fills_itself: bool = False
    """Its messages have a format of its own: its own client fills its queue, with `fill COUNT`."""
    last_acks_s: float = 3.0
    """After the last event, off the clock: for the acks on their way. What has none by then comes back."""

    def fill_command(self, count: int) -> list[str]:
        return [PEER, _module_file(self.command), "fill", str(count)]


@dataclass(frozen=True, slots=True)
class Server:
    name: str
    command: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    queue: str | None = "jobs"
    ports: int = 1
    """On how many ports it listens, from PORT on: the load spreads its connections evenly, as a proxy would."""
    ready_log: str = ""
    """Besides an answer, this must be in its log: ours is ready before the broker is, by its spool."""


def _peer(name: str) -> str:
    return str(PEERS / name)


def _module_file(command: Sequence[str]) -> str:
    """The peer's file: the program is named by module where its own command line starts it."""
    return _peer("worker_celery.py" if "celery" in command else "worker_dramatiq.py")


_ON_PATH = {"PYTHONPATH": str(PEERS)}
_CELERY = [PEER, "-m", "celery", "-A", "worker_celery", "worker", "--loglevel", "WARNING", "--queues", "jobs"]
_CELERY_LAST_ACKS_S = 15.0  # measured: its last few acks were still missing after 3 s, and there after 12
_QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat"]

WORKERS = (
    Worker(OURS, product.program("ours.py")),
    Worker(OURS_KEPT, product.program("ours.py")),
    Worker("Celery, solo", [*_CELERY, *_QUIET, "--pool", "solo"], _ON_PATH, True, _CELERY_LAST_ACKS_S),
    Worker(
        "Celery, 8 threads",
        [*_CELERY, *_QUIET, "--pool", "threads", "-c", "8"],
        _ON_PATH,
        True,
        _CELERY_LAST_ACKS_S,
    ),
    Worker("FastStream, prefetch 64", [PEER, _peer("worker_faststream.py")]),
    Worker(
        "dramatiq, 8 threads",
        [PEER, "-m", "dramatiq", "worker_dramatiq", "--processes", "1", "--threads", "8", "--queues", "jobs"],
        _ON_PATH,
        fills_itself=True,
    ),
    Worker("pika BlockingConnection", [PEER, _peer("worker_blocking.py")]),
    Worker("aio-pika, prefetch 256", [PEER, _peer("worker_aio_pika.py")]),
)


def servers(ports: Sequence[int], spool: str) -> tuple[Server, ...]:
    """`ports` are as many as any of them needs."""
    port = ports[0]
    ours = {"INGRESS_PORT": str(port), "SPOOL_PATH": spool, "CONFIRM_TIMEOUT_S": "10", "HEALTH_PORT": "0"}
    uvicorn = [PEER, "-m", "uvicorn", "--port", str(port), "--no-access-log", "--log-level", "warning"]
    gunicorn = [PEER, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    return (
        _ours(OURS, product.module("ingress"), ours),
        _ours(OURS_UVICORN, product.module("ingress"), ours | {"INGRESS_SERVER": "uvicorn"}),
        _ours(OURS_TWO, product.program("replicas.py"), ours | {"PORTS": ",".join(map(str, ports[:2]))}, ports=2),
        Server(
            "Flask, gunicorn, Celery",
            # the threads match the load's connections; a kept connection must outlast the pauses of the slow load
            [*gunicorn, "--workers", "1", "--threads", "64", "--keep-alive", "75", "ingress_flask_celery:app"],
            _ON_PATH,
        ),
        Server("FastAPI, uvicorn, FastStream", [*uvicorn, "ingress_faststream:app"], _ON_PATH),
        Server("FastAPI, uvicorn, aio-pika", [*uvicorn, "ingress_aio_pika:app"], _ON_PATH),
        Server(
            "Express, amqplib",
            ["node", _peer("express/server.js")],
            {"NODE_ENV": "production", "NODE_PATH": str(ENV / "node" / "node_modules")},
        ),
        Server(NOOP, [sys.executable, _peer("ingress_noop.py")], queue=None),
    )


def _ours(name: str, command: Sequence[str], environ: Mapping[str, str], *, ports: int = 1) -> Server:
    return Server(
        name,
        command,
        environ,
        queue="classifier",
        ports=ports,
        ready_log="broker.connected",
    )


def has_express() -> bool:
    return (ENV / "node" / "node_modules" / "express").is_dir()


def run_tool(command: Sequence[str], environ: Mapping[str, str]) -> None:
    subprocess.run(command, cwd=ROOT, env={"PATH": os.environ["PATH"], **environ}, check=True)
