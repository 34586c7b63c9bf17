"""Looks on during a run: no worker may call itself ready while its stage stands still for over a minute."""

import contextlib
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import pika
import requests
from prometheus_client.parser import text_string_to_metric_families

from shared.wire.stages import NAMES
from tests.chaos.site import Site
from tests.support.pipeline import Worker
from tests.support.runtime import messages_in

STILL_S = 60.0
LOOK_S = 3.0


@dataclass(slots=True)
class Stage:
    """One stage as it was seen, look after look. Pure."""

    still_s: float = STILL_S
    settled: Mapping[str, float] = field(default_factory=dict)
    since: float | None = None
    """When what is settled changed last, or nothing waited."""
    ready: Mapping[str, float] = field(default_factory=dict)
    """Since when each process has called itself ready."""

    def seen(self, at: float, waiting: int, settled: Mapping[str, float], ready: set[str]) -> list[str]:
        """Which processes have called themselves ready for so long as messages waited and none was settled.

        `settled` is a counter for each process that answered; `at` is in seconds of any clock.
        """
        if self.since is None or not waiting or settled != self.settled:
            self.since, self.settled = at, dict(settled)
        self.ready = {name: self.ready.get(name, at) for name in ready}
        return [name for name, began in self.ready.items() if at - max(began, self.since) > self.still_s]


class Onlooker:
    """Looks from a thread of its own, until `end`."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._stages = {name: Stage() for name in NAMES}
        self._faults: dict[str, str] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="onlooker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> list[str]:
        """What it saw that may not be, a sentence each."""
        self._over.set()
        self._thread.join(60)
        return list(self._faults.values())

    def _run(self) -> None:
        while not self._over.wait(LOOK_S):
            with contextlib.suppress(pika.exceptions.AMQPError, OSError):  # without the broker nobody knows
                waiting = messages_in(self._site.amqp_url, NAMES)
                for stage in NAMES:
                    self._look(stage, waiting.get(stage, 0))

    def _look(self, stage: str, waiting: int) -> None:
        workers = {worker.log.stem: worker for worker in self._site.of(stage)}
        settled = {name: count for name, worker in workers.items() if (count := _settled(worker)) is not None}
        ready = {name for name, worker in workers.items() if worker.running and _ready(worker)}
        for name in self._stages[stage].seen(time.monotonic(), waiting, settled, ready):
            told = f"{name} was ready, while {waiting} messages of its stage had waited for over {STILL_S:.0f} s"
            self._faults.setdefault(name, told)


def _ready(worker: Worker) -> bool:
    with contextlib.suppress(requests.RequestException):
        answer = requests.get(f"http://127.0.0.1:{worker.port}/readyz", timeout=3)
        return bool(answer.status_code == requests.codes.ok)
    return False


def _settled(worker: Worker) -> float | None:
    """How many messages this process has settled; None where it does not answer."""
    with contextlib.suppress(requests.RequestException):
        page = requests.get(f"http://127.0.0.1:{worker.port}/metrics", timeout=3).text
        return sum(
            sample.value
            for family in text_string_to_metric_families(page)
            for sample in family.samples
            if sample.name == "intake_messages_settled_total"
        )
    return None
