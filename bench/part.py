"""What the parts that measure this product alone have in common: options, a broker, what they are measured on."""

import argparse
import contextlib
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.machine import machine
from bench.queues import Queues
from bench.report import RESULTS, about
from demo.broker import Cluster


@dataclass(frozen=True, slots=True)
class Ground:
    """Where it is measured."""

    url: str
    """The broker's."""
    machine: dict[str, Any]
    logs: Path


def options(part: str, doc: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m bench.{part}", description=doc)
    parser.add_argument("--broker", help="AMQP URL instead of a private node; OUR QUEUES ON IT ARE DELETED")
    parser.add_argument("--logs", type=Path, help="keep the processes' logs in this folder")
    parser.add_argument("--results", type=Path, default=RESULTS, help="JSON that the figures are added to")
    return parser


@contextlib.contextmanager
def ground(arguments: argparse.Namespace) -> Iterator[Ground]:
    """A broker without any queue of ours; says what it is measured on."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends with us
    with contextlib.ExitStack() as stack:
        url = arguments.broker or stack.enter_context(Cluster(1, plugins=())).nodes[0].amqp_url
        logs: Path = arguments.logs or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        logs.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(Queues(url)) as queues:
            queues.reset()
            found = machine(queues.broker)
        print(about(found), "\n", flush=True)
        yield Ground(url, found, logs)
