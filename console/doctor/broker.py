"""The broker: does it answer, are the queues there, who consumes, and what waits."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from console.connect.queues import Queues, Stage, look
from console.doctor.line import Area, Line
from console.doctor.paused import NOBODY, Paused
from shared.amqp.operator.survey import Survey
from shared.errors import IntakeError
from shared.runtime.ladder import queue_name
from shared.runtime.settle import EXCHANGE

AREA = Area("broker")


def check(
    urls: Sequence[str], delays_s: Sequence[int], names: Sequence[str], paused: Callable[[], Paused]
) -> Iterator[Line]:
    """Of the stages of these names. `paused` is asked where a queue has no consumer."""
    try:
        with Survey(urls) as survey:
            has_exchange = survey.has_exchange(EXCHANGE)
            queues = look(survey, delays_s, names)
    except IntakeError as error:
        yield AREA.failed(str(error), "start RabbitMQ, or correct AMQP_URL", cause="away")
        return
    yield AREA.ok("answers")
    if not has_exchange:
        yield AREA.failed(f"has no exchange {EXCHANGE}", "run `intake topology`", cause="no-exchange")
    waiting = NOBODY if all(stage.consumers for stage in queues.stages) else paused()
    for stage in queues.stages:
        yield from _stage(stage, waiting)
    yield from _delays(queues, delays_s)


def _stage(stage: Stage, paused: Paused) -> Iterator[Line]:
    if stage.waiting is None:
        yield AREA.failed(f"has no queue {stage.name}", "run `intake topology`", cause="no-queue")
    elif not stage.consumers:
        yield replace(_unconsumed(stage.name, stage.waiting, paused), stage=stage.name)
    else:
        consumers = "1 consumer" if stage.consumers == 1 else f"{stage.consumers} consumers"
        yield AREA.ok(f"queue {stage.name} has {consumers}, and {_messages(stage.waiting)} in it")
    if stage.dead:
        told = AREA.warning(
            f"{_messages(stage.dead)} in {stage.name}.dead: dead letters wait for a person",
            f"intake dead list --stage {stage.name}; then dead replay, or dead discard",
            cause="dead-letters",
        )
        yield replace(told, count=stage.dead, stage=stage.name)


def _unconsumed(name: str, waiting: int, paused: Paused) -> Line:
    told = f"queue {name} has no consumer, and {_messages(waiting)} in it"
    if name in paused.by_hand:
        return AREA.ok(f"{told}: a person has paused the {name}")
    if name in paused.surely:
        return AREA.ok(f"{told}: the {name} waits for the portal")
    if name in paused.perhaps:
        return AREA.warning(
            f"{told}: the {name} waits for the portal, if it runs",
            "mend what is said of the portal: it goes on by itself. HEALTH_URLS lets doctor see whether it runs",
            cause="waits-for-portal",
        )
    return AREA.failed(told, f"start the {name}, or see in its log why it does not connect", cause="no-consumer")


def _delays(queues: Queues, delays_s: Sequence[int]) -> Iterator[Line]:
    missing = [name for name in map(queue_name, delays_s) if name not in queues.delays]
    waiting = {name: count for name, count in queues.delays.items() if count}
    if missing:
        yield AREA.failed(
            f"has no {', '.join(missing)}",
            "run `intake topology`, with the same RETRY_DELAYS_S as the workers",
            cause="no-delay-queue",
        )
    if waiting:
        told = ", ".join(f"{count} in {name}" for name, count in waiting.items())
        yield AREA.warning(
            f"messages wait to be tried again: {told}",
            "the workers' logs say why (outcome=retry); they come back by themselves",
            cause="retries",
        )


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count or 'no'} messages"
