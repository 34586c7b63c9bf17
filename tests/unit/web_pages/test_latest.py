"""A page gets at once what was seen last, and one look at a time finds what is newer."""

import threading

import pytest

from console.web.pages.latest import Latest
from shared.errors import TransientError
from tests.support.waiting import wait_until


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Look:
    """Counts; waits where it is told to."""

    def __init__(self) -> None:
        self.looks = 0
        self.may_end = threading.Event()
        self.may_end.set()
        self.fault: TransientError | None = None

    def __call__(self) -> int:
        self.looks += 1
        self.may_end.wait(10)
        if self.fault:
            raise self.fault
        return self.looks


def value(latest: Latest[int], patience_s: float = 10.0) -> int:
    found = latest.get(patience_s)
    assert found is not None
    return found.value


def healed(latest: Latest[int]) -> bool:
    try:
        return value(latest) == 2
    except TransientError:
        return False


def test_what_is_young_enough_is_given_without_another_look():
    look, clock = Look(), Clock()
    latest = Latest(look, every_s=10, clock=clock)
    assert [value(latest) for _ in range(3)] == [1, 1, 1]
    assert look.looks == 1


def test_what_is_old_is_given_at_once_while_a_new_look_goes_on():
    look, clock = Look(), Clock()
    latest = Latest(look, every_s=10, clock=clock)
    latest.get()
    look.may_end.clear()
    clock.now = 11
    found = latest.get()
    assert found is not None
    assert (found.value, found.age_s) == (1, 11)
    latest.get()
    assert look.looks <= 2  # one at a time
    look.may_end.set()
    wait_until(lambda: value(latest) == 2, timeout_s=5, what="the second look")
    assert look.looks == 2


def test_a_first_look_that_takes_too_long_is_not_waited_for():
    look = Look()
    look.may_end.clear()
    latest = Latest(look)
    assert latest.get(patience_s=0.05) is None
    look.may_end.set()
    wait_until(lambda: latest.get(0) is not None, timeout_s=5, what="the first look")


def test_a_look_that_fails_is_told_and_the_next_one_heals_it():
    look, clock = Look(), Clock()
    look.fault = TransientError("the broker is away")
    latest = Latest(look, every_s=10, clock=clock)
    with pytest.raises(TransientError, match="the broker is away"):
        latest.get()
    with pytest.raises(TransientError):
        latest.get()
    assert look.looks == 1  # not again at once
    look.fault, clock.now = None, 11
    wait_until(lambda: healed(latest), timeout_s=5, what="a look that succeeds")


def test_after_a_change_the_next_who_asks_waits_for_a_new_look():
    look = Look()
    latest = Latest(look, clock=Clock())
    latest.get()
    latest.forget()
    assert value(latest) == 2
