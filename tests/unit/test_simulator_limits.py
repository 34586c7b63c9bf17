"""The cloud's limits as the simulator keeps them, with a clock that is set forward."""

import pytest

from simulator.gate.limits import CALLS_A_MINUTE, READS_AT_ONCE, WRITES_A_DAY, WRITES_AT_ONCE, Limits, Most, Refusal


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def limits(clock):
    return Limits(enforced=True, clock=clock)


def call(limits, method="GET", user="u"):
    refusal = limits.begin(user, method)
    if refusal is None:
        limits.end(user, method)
    return refusal


@pytest.mark.parametrize(
    ("method", "most"), [("GET", READS_AT_ONCE), ("PUT", WRITES_AT_ONCE), ("DELETE", WRITES_AT_ONCE)]
)
def test_calls_at_once_are_limited_for_each_user(limits, method, most):
    assert not any(limits.begin("u", method) for _ in range(most))
    assert limits.begin("u", method) == Refusal(most)
    assert limits.begin("another", method) is None
    limits.end("u", method)
    assert limits.begin("u", method) is None


def test_the_minute_slides_and_does_not_tell_when_it_takes_calls_again(limits, clock):
    assert not any(call(limits) for _ in range(1000))
    clock.now += 20
    assert not any(call(limits, "PUT") for _ in range(CALLS_A_MINUTE - 1000))
    assert call(limits) == call(limits, "PUT") == Refusal(CALLS_A_MINUTE)
    clock.now += 40
    assert not any(call(limits) for _ in range(1000))  # what the minute refused did not count
    assert call(limits) == Refusal(CALLS_A_MINUTE)


def test_what_another_limit_refuses_counts_for_the_minute(limits):
    assert not any(limits.begin("u", "PUT") for _ in range(WRITES_AT_ONCE))
    refusals = {limits.begin("u", "PUT") for _ in range(CALLS_A_MINUTE - WRITES_AT_ONCE)}
    assert refusals == {Refusal(WRITES_AT_ONCE)}
    assert call(limits) == Refusal(CALLS_A_MINUTE)


def test_writes_are_counted_by_the_day_and_reads_and_deletions_are_not(limits, clock):
    for _ in range(WRITES_A_DAY // 1000):
        assert not any(call(limits, method) for method in ("PUT", "POST") for _ in range(500))
        clock.now += 60
    assert call(limits, "POST") == Refusal(WRITES_A_DAY, 86400 - 600)
    assert call(limits) is call(limits, "DELETE") is None
    clock.now += 86400 - 600
    assert call(limits, "PUT") is None


def test_self_hosted_it_has_no_limits():
    limits = Limits(enforced=False)
    assert not any(limits.begin("u", "PUT") for _ in range(WRITES_A_DAY + 1))


def test_the_limits_can_be_set(clock):
    few = Limits(enforced=True, most=Most(writes_at_once=1, calls_a_minute=3, writes_a_day=2), clock=clock)
    assert few.begin("u", "PUT") is None
    assert few.begin("u", "PUT") == Refusal(1)
    few.end("u", "PUT")
    assert call(few, "PUT") is None
    assert call(few) == Refusal(3)
    clock.now += 61
    assert call(few, "PUT") == Refusal(2, 86400 - 61)
