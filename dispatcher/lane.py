"""One endpoint's way: a queue of its own, a consumer of it, and a breaker. What holds up one holds up no other."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from dispatcher.gate import Gate
from dispatcher.handler import Ports, handle, probe
from shared.amqp.consumer import Consumer
from shared.amqp.topology import of_lane
from shared.process.settings import Worker
from shared.runtime.handling import outcome_of
from shared.runtime.intake import Intake
from shared.runtime.metrics import Metrics
from shared.runtime.pause import Guard
from shared.runtime.settle import Settlement, Settler
from shared.text.codes import Code
from shared.wire.message import Message
from shared.wire.outcome import Dead
from shared.wire.stages import DISPATCHER, lane
from shared.worker import process_name, settled

BREAKER = "breaker"


@dataclass(frozen=True, slots=True)
class Made:
    """What a lane is made with."""

    settings: Worker
    metrics: Metrics
    ports: Callable[[str, Gate], Ports]
    """Of the endpoint of that name."""


class Lane:
    """It starts at once."""

    def __init__(self, name: str, events: tuple[str, ...], made: Made) -> None:
        self.name = name
        self.events = events
        self._made = made
        gate = Gate()
        self._ports = made.ports(name, gate)
        self._guard = Guard(gate, partial(probe, self._ports))
        self._handler = self._guard.unless_open(lambda message: handle(message, self._ports))
        stage = lane(name, events).name
        self._settler = Settler(
            stage, made.settings.ladder, app_id=DISPATCHER, by=process_name(DISPATCHER), apart=name
        )
        self.consumer = self._consumer()
        self._intake = Intake(self._pause, self._resume)
        self._guard.start(partial(self._intake.stop, BREAKER), partial(self._intake.go_on, BREAKER))
        self.consumer.start()

    def change(self, events: tuple[str, ...], within_s: float) -> None:
        """Have its queue bound to these events instead."""
        self.consumer.drain(within_s)
        self.events = events
        self.consumer = self._consumer()
        if self._guard.open:
            self.consumer.pause()
        self.consumer.start()

    def note(self) -> str | None:
        """Why the endpoint is sent nothing now; None if it is."""
        if self._ports.disabled(self.name):
            return "disabled"
        return self._guard.check()

    def _pause(self) -> None:
        self.consumer.pause()

    def _resume(self) -> None:
        self.consumer.resume()

    def _consumer(self) -> Consumer:
        settings, stage = self._made.settings, lane(self.name, self.events)
        return Consumer(
            urls=settings.amqp_urls,
            wanted=of_lane(stage),
            queue=stage.name,
            name=process_name(stage.name),
            handle=self._handle,
            bury=lambda message, reason: self._settler.settle(
                message, Dead(reason, Code.BROKER_REFUSED), time.time()
            ),
            wait_longer=self._settler.wait_longer,
            concurrency=settings.worker_concurrency,
            prefetch=settings.worker_concurrency,
            metrics=self._made.metrics,
        )

    def _handle(self, message: Message) -> Settlement:
        structlog.contextvars.bind_contextvars(correlation_id=message.correlation_id, endpoint=self.name)
        started = time.perf_counter()
        outcome = outcome_of(self._handler, message)
        settlement = settled(self._settler, message, outcome, paused=self._guard.open)
        self._made.metrics.handling.observe(time.perf_counter() - started)
        return settlement
