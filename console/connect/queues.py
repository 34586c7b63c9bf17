"""How the queues stand: every stage's work and dead letters, and what waits to be tried again."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.amqp.operator.survey import Survey
from shared.runtime.ladder import queue_name


@dataclass(frozen=True, slots=True)
class Stage:
    """None: its queue does not exist, because its worker never ran on this broker."""

    name: str
    waiting: int | None
    consumers: int | None
    dead: int | None


@dataclass(frozen=True, slots=True)
class Queues:
    stages: tuple[Stage, ...]
    delays: dict[str, int]
    """The delay queues that exist, and how many wait in each."""


def look(survey: Survey, delays_s: Sequence[int], names: Sequence[str]) -> Queues:
    """At the stages of these names. UnavailableError where the broker goes."""
    delays = {state.name: state.messages for name in map(queue_name, delays_s) if (state := survey.queue(name))}
    return Queues(tuple(_stage(survey, name) for name in names), delays)


def _stage(survey: Survey, name: str) -> Stage:
    work, dead = survey.queue(name), survey.queue(f"{name}.dead")
    return Stage(
        name,
        waiting=work.messages if work else None,
        consumers=work.consumers if work else None,
        dead=dead.messages if dead else None,
    )
