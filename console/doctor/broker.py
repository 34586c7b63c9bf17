"""The broker: does it answer, are the queues there, who consumes, and what waits."""

from collections.abc import Iterator, Sequence

from console.doctor.line import Area, Line
from shared.amqp.survey import Survey
from shared.errors import IntakeError
from shared.ladder import queue_name
from shared.settle import EXCHANGE
from shared.stages import BINDINGS

AREA = Area("broker")


def check(urls: Sequence[str], delays_s: Sequence[int]) -> Iterator[Line]:
    try:
        with Survey(urls) as survey:
            yield AREA.ok("answers")
            if not survey.has_exchange(EXCHANGE):
                yield AREA.failed(f"has no exchange {EXCHANGE}", "start the workers: each declares what it needs")
            for stage in BINDINGS:
                yield from _stage(survey, stage)
            yield from _delays(survey, delays_s)
    except IntakeError as error:
        yield AREA.failed(str(error), "start RabbitMQ, or correct AMQP_URL")


def _stage(survey: Survey, stage: str) -> Iterator[Line]:
    work, dead = survey.queue(stage), survey.queue(f"{stage}.dead")
    if work is None:
        yield AREA.failed(f"has no queue {stage}", f"start the {stage}: it declares its queue")
    elif work.consumers == 0:
        yield AREA.failed(
            f"queue {stage} has no consumer, and {_messages(work.messages)} in it",
            f"start the {stage}, or see in its log why it does not connect",
        )
    else:
        consumers = "1 consumer" if work.consumers == 1 else f"{work.consumers} consumers"
        yield AREA.ok(f"queue {stage} has {consumers}, and {_messages(work.messages)} in it")
    if dead is not None and dead.messages:
        yield AREA.warning(
            f"{_messages(dead.messages)} in {stage}.dead wait for a person",
            f"intake dead list --stage {stage}; then dead replay, or dead discard",
        )


def _delays(survey: Survey, delays_s: Sequence[int]) -> Iterator[Line]:
    states = {name: survey.queue(name) for name in map(queue_name, delays_s)}
    missing = [name for name, state in states.items() if state is None]
    waiting = {name: state.messages for name, state in states.items() if state and state.messages}
    if missing:
        yield AREA.failed(
            f"has no {', '.join(missing)}",
            "start the workers, with the same RETRY_DELAYS_S everywhere: each declares what it needs",
        )
    if waiting:
        told = ", ".join(f"{count} in {name}" for name, count in waiting.items())
        yield AREA.warning(
            f"messages wait to be tried again: {told}",
            "the workers' logs say why (outcome=retry); they come back by themselves",
        )


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count or 'no'} messages"
