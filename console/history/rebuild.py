"""`history --rebuild`: makes the history anew, from the stream as far as that reaches back, and from its own steps.

What the stream no longer has stays. It may be stopped, killed and repeated, and run beside the projector.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from shared.amqp.operator.stream import BATCH
from shared.store.history.step import Delivery, step_of
from shared.store.history.store import Store


@dataclass(frozen=True, slots=True)
class Rebuilt:
    messages: int
    """Of the stream, that were read."""
    steps: int
    """That they told of."""
    renewed: int
    """Uploads of an earlier release, made up anew of the steps that were kept."""
    finished: bool
    """False: it was asked to stop."""


def rebuild(
    deliveries: Iterable[Delivery], store: Store, say: Callable[[str], None], stopping: Callable[[], bool]
) -> Rebuilt:
    """`say` is told how far it is. TransientError; whatever was done until then stays."""
    messages = steps = 0
    for batch in _batches(deliveries):
        told = [step for step in map(step_of, batch) if step is not None]
        if told:
            store.complete(told)
        messages, steps = messages + len(batch), steps + len(told)
        say(f"reading the stream: {messages:,} messages, {steps:,} steps")
        if stopping():
            return Rebuilt(messages, steps, 0, finished=False)
    renewed = 0
    while not stopping():
        done = store.renew(BATCH)
        if not done:
            return Rebuilt(messages, steps, renewed, finished=True)
        renewed += done
        say(f"renewing what an earlier release kept: {renewed:,} uploads")
    return Rebuilt(messages, steps, renewed, finished=False)


def _batches(deliveries: Iterable[Delivery]) -> Iterator[list[Delivery]]:
    all_ = iter(deliveries)
    while batch := list(islice(all_, BATCH)):
        yield batch
