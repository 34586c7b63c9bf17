"""A worker that takes all that waits, and dies of the killer before anything that is handled with it has ended."""

import random

import pytest

from shared.amqp.suspects import Suspects
from shared.amqp.topology import DELIVERY_LIMIT

KILLER = -1


def ended(counts: dict[int, int]) -> set[int]:
    """What one process settles before it dies or has nothing left; `counts`: deliveries without an answer."""
    suspects: Suspects[int] = Suspects()
    together = [job for job, count in counts.items() if not suspects.take_in(job, count)]
    together = together or list(iter(suspects.next, None))
    done: set[int] = set()
    while together and KILLER not in together:
        for job in together:
            suspects.finish(counts[job])
        done |= set(together)
        together = list(iter(suspects.next, None))
    return done


def rounds(counts: dict[int, int]) -> int:
    suspects: Suspects[int] = Suspects()
    for job, count in counts.items():
        suspects.take_in(job, count)
    found = 0
    while together := list(iter(suspects.next, None)):
        found += 1
        for job in together:
            suspects.finish(counts[job])
    return found


@pytest.mark.parametrize("healthy", [1, 20, 768])
def test_a_killer_reaches_the_limit_alone(healthy: int) -> None:
    for seed in range(20):
        random.seed(seed)
        counts = dict.fromkeys([KILLER, *range(healthy)], 0)
        while counts.get(KILLER, DELIVERY_LIMIT) < DELIVERY_LIMIT:
            for job in ended(counts):
                del counts[job]
            counts = {job: count + 1 for job, count in counts.items()}
            assert all(count < DELIVERY_LIMIT for job, count in counts.items() if job != KILLER)
        assert set(counts) == {KILLER}


def test_two_restarts_leave_hundreds_to_be_handled_in_a_few_rounds() -> None:
    assert rounds(dict.fromkeys(range(768), 2)) == 12


def test_the_more_often_they_came_back_the_fewer_are_handled_together() -> None:
    assert [rounds(dict.fromkeys(range(64), count)) for count in (2, 3, 4, 5, 19)] == [1, 4, 16, 64, 64]


def test_no_suspect_is_handled_beside_a_less_suspicious_one_that_may_still_kill() -> None:
    suspects: Suspects[str] = Suspects()
    assert not suspects.take_in("came back once", 1)
    assert suspects.take_in("came back twice", 2)
    assert suspects.take_in("came back five times", 5)
    assert suspects.next() is None
    suspects.finish(1)
    assert suspects.next() == "came back twice"
    assert suspects.next() is None
    suspects.finish(2)
    assert suspects.next() == "came back five times"
