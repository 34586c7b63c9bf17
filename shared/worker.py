"""Runs a worker from its first connection to its last ack. The same for the three workers behind the ingress."""

import os
import socket
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial

import structlog

from shared.amqp.consumer import Consumer
from shared.amqp.progress import Progress
from shared.amqp.topology import topology
from shared.process import gc_tuning
from shared.process.cli import BAD_SETTINGS
from shared.process.configuration import Configuration
from shared.process.settings import Worker as WorkerSettings
from shared.runtime.by_hand import ByHand
from shared.runtime.handling import HANDLER_LIMIT_S, Handler, outcome_of
from shared.runtime.health import Check, HealthServer, Readiness
from shared.runtime.intake import Intake
from shared.runtime.metrics import Metrics
from shared.runtime.pause import Guard
from shared.runtime.settle import Settlement, Settler
from shared.text.codes import Code
from shared.threads import vital, watchdog
from shared.threads.stop import Stop
from shared.wire.message import Message
from shared.wire.outcome import Dead, Outcome, Retry
from shared.wire.stages import Stage

DRAIN_S = 8.0
"""How long messages in hand may take after SIGTERM. A container engine kills the process ten seconds after it."""

TURN_S = 5.0
"""The time between two turns of the main loop. A signal, or a thread that died, ends its sleep at once."""

log = structlog.get_logger()


def run_worker(
    stage: Stage,
    settings: WorkerSettings,
    handler: Handler,
    stop: Stop,
    checks: Mapping[str, Check],
    *,
    configuration: Callable[[], Configuration] | None = None,
    prefetch: int | None = None,
    guard: Guard | None = None,
    by_hand: ByHand | None = None,
    share_among: Callable[[int], None] = lambda _: None,
    on_settled: Callable[[Message, Settlement], str | None] = lambda _message, _settlement: None,
    progress: Progress | None = None,
    watch: Callable[[Metrics], None] = lambda _: None,
    notes: Mapping[str, Check] | None = None,
) -> int:
    """Consume until asked to stop; returns the exit code. `checks` are further readiness checks, `notes` those
    whose faults stop no work.

    `configuration` is asked for whenever the metrics page is shown. `guard` stops the worker from taking messages
    while a dependency that every message needs is down, `by_hand` while a person has paused the stage.
    `share_among` is called every few seconds with the number of processes that consume for this stage. `on_settled`
    is called with how a message ended, before that is published. If it returns a fault, the fault is logged, and
    nothing else changes. `progress` is for a stage whose messages may take over a minute. `watch` adds metrics of
    the stage's own.

    Prefetch is the concurrency unless it is given: a message that waits in one process could be handled by another.
    """
    name = process_name(stage.name)
    metrics = _metrics(stage, configuration)
    watch(metrics)
    stops = {name: each for name, each in (("breaker", guard), ("a person", by_hand)) if each is not None}
    handler = _unless_stopped(handler, stops)
    settler = Settler(stage.name, settings.ladder, app_id=stage.name, by=name)

    def handle(message: Message) -> Settlement:
        structlog.contextvars.bind_contextvars(correlation_id=message.correlation_id)  # until the next message
        started = time.perf_counter()
        outcome = outcome_of(handler, message)
        settlement = settled(settler, message, outcome, paused=any(each.open for each in stops.values()))
        metrics.handling.observe(time.perf_counter() - started)
        try:
            if fault := on_settled(message, settlement):
                log.warning("settlement.not_kept", kind=settlement.kind, reason=fault)
        except Exception:
            log.exception("settlement.not_kept", kind=settlement.kind)
        return settlement

    consumer = Consumer(
        urls=settings.amqp_urls,
        wanted=topology(settings.retry_delays_s, settings.stages),
        queue=stage.name,
        name=name,
        handle=handle,
        bury=lambda message, reason: settler.settle(message, Dead(reason, Code.BROKER_REFUSED), time.time()),
        wait_longer=settler.wait_longer,
        concurrency=settings.worker_concurrency,
        prefetch=prefetch or settings.worker_concurrency,
        metrics=metrics,
        on_served=share_among,
        progress=progress,
    )
    paused = {} if by_hand is None else {"paused": by_hand.check}
    stopping = {"stopping": lambda: "stopping" if stop.asked else None}
    readiness = Readiness({"broker": consumer.check, **stopping, **paused, **checks}, metrics, notes)
    if guard is not None:
        metrics.watch_breaker(lambda: guard.open)

    def start() -> None:
        _watch(stops, Intake(consumer.pause, consumer.resume))
        consumer.start()

    return serve(
        stage.name,
        settings,
        stop,
        readiness,
        metrics,
        start=start,
        turn=lambda: end_if_stuck(consumer),
        drain=consumer.drain,
    )


def serve(
    name: str,
    settings: WorkerSettings,
    stop: Stop,
    readiness: Readiness,
    metrics: Metrics,
    *,
    start: Callable[[], None],
    turn: Callable[[], None],
    drain: Callable[[float], bool],
) -> int:
    """Run a worker's process until it is asked to stop; returns the exit code. `turn` is called every TURN_S.
    `drain` is given the seconds that it has, and returns False if they were too few.
    """
    if settings.health_port:
        try:
            HealthServer(settings.health_host, settings.health_port, readiness, metrics).start()
        except OSError as error:
            sys.stderr.write(f"{name}: HEALTH_PORT {settings.health_port} cannot be had: {error.strerror}\n")
            return BAD_SETTINGS
    stop.on_signals()
    vital.on_death(stop.ask)
    gc_tuning.calm()
    watchdog.turned()
    start()
    log.info("worker.started", concurrency=settings.worker_concurrency, health_port=settings.health_port)
    while not stop.wait(TURN_S):
        watchdog.turned()
        turn()
    if vital.died.is_set():
        return 1
    log.info("worker.stopping")
    drained = drain(DRAIN_S)
    log.info("worker.stopped", drained=drained)
    return 0


def _unless_stopped(handler: Handler, stops: Mapping[str, Guard | ByHand]) -> Handler:
    for each in stops.values():
        handler = each.unless_open(handler)
    return handler


def _watch(stops: Mapping[str, Guard | ByHand], intake: Intake) -> None:
    for who, each in stops.items():
        each.start(partial(intake.stop, who), partial(intake.go_on, who))


def _metrics(stage: Stage, configuration: Callable[[], Configuration] | None) -> Metrics:
    metrics = Metrics(stage.milestone)
    if configuration is not None:
        metrics.watch_configuration(stage.name, lambda: asdict(configuration()))
    return metrics


def settled(settler: Settler, message: Message, outcome: Outcome, *, paused: bool) -> Settlement:
    """How the message is settled. If a bug made an outcome that cannot be published, the message takes the retry
    ladder.
    """
    try:
        return settler.settle(message, outcome, time.time(), paused=paused)
    except Exception as error:
        log.exception("settlement.failed", message_id=message.message_id)
        retry = Retry(f"unexpected {type(error).__name__} while it was being settled: {error}", Code.UNEXPECTED)
        return settler.settle(message, retry, time.time(), paused=paused)


def end_if_stuck(consumer: Consumer) -> None:
    """End the process if one of its handlers can no longer end. The broker delivers what it had in hand again."""
    try:
        longest = consumer.longest()
    except Exception:
        log.exception("handler.unwatched")
        return
    if longest is None or longest.seconds <= HANDLER_LIMIT_S:
        return
    frame = sys._current_frames().get(longest.thread)  # noqa: SLF001 - its documented name
    stack = "".join(traceback.format_stack(frame)) if frame else None
    log.critical("handler.stuck", seconds=round(longest.seconds), message_id=longest.message_id, stack=stack)
    watchdog.write_stacks()
    time.sleep(1)  # for the log line to be written
    os._exit(1)  # a thread cannot be ended; the broker delivers the message again, and counts the delivery


def process_name(stage: str) -> str:
    """The process's name: for its connections in the broker's management UI, and for the holder of a claim."""
    return f"{stage}@{socket.gethostname()}:{os.getpid()}"
