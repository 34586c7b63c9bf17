"""Breaks the parts of a site by the plan, lane beside lane, mends them, and remembers when it did what."""

import resource
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.chaos.plan import Act
from tests.chaos.site import Site
from tests.chaos.strangers import half_requests
from tests.support.pipeline import limit_files

FROZEN_BEFORE_KILL_S = 2.5


@dataclass(frozen=True, slots=True)
class Done:
    """One act as it happened. Times are UTC, as in the portal's records."""

    what: str
    """`mover kill`, `broker freeze`, …"""
    began: datetime
    ended: datetime


class Storm:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._done: list[Done] = []
        self._under_way: dict[str, str] = {}
        self._errors: list[BaseException] = []

    def start(self, lane: str, acts: Iterator[Act]) -> None:
        thread = threading.Thread(target=self._run, args=(acts,), name=f"chaos-{lane}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def end(self) -> None:
        """Returns when every lane has mended what it broke; raises what one of them met."""
        self._over.set()
        for thread in self._threads:
            thread.join(180)
        if self._errors:
            raise self._errors[0]

    @property
    def done(self) -> list[Done]:
        with self._lock:
            return list(self._done)

    @property
    def under_way(self) -> list[str]:
        with self._lock:
            return sorted(self._under_way.values())

    def counts(self) -> Counter[str]:
        return Counter(done.what for done in self.done)

    def _run(self, acts: Iterator[Act]) -> None:
        try:
            for act in acts:
                if self._over.wait(act.after_s):
                    return
                self._do(act)
        except BaseException as error:  # noqa: BLE001 - told to whoever ends the storm
            self._errors.append(error)

    def _do(self, act: Act) -> None:
        began = datetime.now(UTC)
        of_workers = act.lane in {"workers", "disks"}
        target = self._site.workers[act.target % len(self._site.workers)] if of_workers else None
        name = f"{target.name if target else act.lane}{' disk' if act.lane == 'disks' else ''} {act.what}"
        with self._lock:
            self._under_way[act.lane] = name
        match act.lane:
            case "workers":
                self._worker(act)
            case "broker":
                self._broker(act)
            case "ledger":
                self._ledger(act)
            case "portal":
                self._site.faults(act.faults)
                self._over.wait(act.for_s)
                self._site.faults({})
            case "disks":
                self._disk(act)
            case "strangers":
                ingress = self._site.of("ingress")[act.target % 2]
                with half_requests(ingress):
                    self._over.wait(act.for_s)
            case "moods":
                self._site.mood(act.mood)
                self._over.wait(act.for_s)
                self._site.mood({})
            case _:
                self._at_the_portal(act)
        with self._lock:
            del self._under_way[act.lane]
            self._done.append(Done(name, began, datetime.now(UTC)))

    def _at_the_portal(self, act: Act) -> None:
        match act.lane, act.what:
            case "people", _:
                self._site.purge_newest(act.target)
            case "simulator", "restart":
                self._site.restart_portal()
            case "simulator", _:
                self._site.portal.freeze()
                self._over.wait(act.for_s)
                self._site.portal.wake()
            case "neighbours", _:
                self._site.neighbours.come(act.what)
                self._over.wait(act.for_s)
                self._site.neighbours.go()
            case "secret", _:
                self._site.rotate()

    def _worker(self, act: Act) -> None:
        worker = self._site.workers[act.target % len(self._site.workers)]
        if act.what == "freeze":
            worker.freeze()
            self._over.wait(act.for_s)
            worker.wake()
            return
        worker.stop(signal.SIGKILL if act.what == "kill" else signal.SIGTERM, timeout_s=60)
        self._over.wait(act.for_s)
        worker.start()

    def _disk(self, act: Act) -> None:
        """Neither its spool nor its log grows. A process that is killed meanwhile starts with room again."""
        worker = self._site.workers[act.target % len(self._site.workers)]
        limit_files(worker, 0)
        self._over.wait(act.for_s)
        limit_files(worker, resource.RLIM_INFINITY)

    def _broker(self, act: Act) -> None:
        broker = self._site.broker
        if "freeze" in act.what:
            broker.pause()
            frozen_s = FROZEN_BEFORE_KILL_S if "kill" in act.what else act.for_s
            self._over.wait(frozen_s)
        if "kill" in act.what:
            broker.kill()
            self._over.wait(act.for_s)
        elif act.what == "restart":
            broker.stop()
        broker.unpause()
        broker.start()

    def _ledger(self, act: Act) -> None:
        ledger = self._site.ledger
        match act.what:
            case "freeze":
                ledger.pause()
            case "kill":
                ledger.kill()
            case _:
                ledger.stop()
        self._over.wait(act.for_s)
        ledger.unpause()
        ledger.start()
