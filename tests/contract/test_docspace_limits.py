"""Calls at once, what several processes share, and a 429's wait: no portal is needed to tell them."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from shared.docspace import limits as module
from shared.docspace.errors import BusyError, TryLaterError, UnreachableError
from shared.docspace.limits import CLASSIFIERS_READ, MOVERS_READ, MOVERS_WRITE, Budget, Limits
from simulator.gate import limits as cloud
from tests.support.waiting import wait_until

READS = Budget(together=8, each=4)


class Calls:
    """Calls that stay at the portal until they are let go."""

    def __init__(self, limits):
        self._limits = limits
        self._pool = ThreadPoolExecutor(32)
        self._go = threading.Event()
        self._lock = threading.Lock()
        self.now = 0

    def begin(self, count, method="GET"):
        return [self._pool.submit(self._call, method) for _ in range(count)]

    def end(self):
        self._go.set()
        self._pool.shutdown()

    def _call(self, method):
        with self._limits.turn(method):
            with self._lock:
                self.now += 1
            assert self._go.wait(30)


@pytest.fixture
def limits():
    return Limits(READS, Budget(together=3, each=1))


@pytest.fixture
def calls(limits):
    calls = Calls(limits)
    yield calls
    calls.end()


def told(limits, *processes):
    for count in processes:
        limits.share_among(count)


def under_way(calls, count):
    wait_until(lambda: calls.now == count, 10, f"{count} calls")
    time.sleep(0.05)  # for one more than may be
    return calls.now == count


@pytest.mark.parametrize(
    ("processes", "at_once"),
    [((), 1), ((1,), 4), ((2,), 4), ((3,), 2), ((99,), 1), ((0,), 4)],
)
def test_a_process_takes_its_share_and_at_least_one(limits, calls, processes, at_once):
    told(limits, *processes, *processes)
    calls.begin(10)
    assert under_way(calls, at_once)


def test_more_processes_are_believed_at_once_and_fewer_when_told_twice(limits, calls):
    told(limits, 1, 1, 8, 1)
    calls.begin(10)
    assert under_way(calls, 1)
    told(limits, 1)
    assert under_way(calls, 4)


def test_reads_and_writes_wait_for_their_own(limits, calls):
    told(limits, 1, 1)
    calls.begin(10)
    calls.begin(10, "PUT")
    assert under_way(calls, 4 + 1)


def test_a_place_that_is_given_back_is_taken(limits):
    told(limits, 1, 1)
    with ThreadPoolExecutor(16) as pool:
        done = pool.map(lambda _: _quick(limits), range(200))
        assert sum(done) == 200


def _quick(limits):
    with limits.turn("GET"):
        return 1


def test_who_finds_no_place_is_told_to_try_later(limits, calls, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_S", 0.05)
    calls.begin(1)
    assert under_way(calls, 1)
    with pytest.raises(TryLaterError, match="no turn"), limits.turn("GET"):
        pass


def refused(limits, method, retry_after_s):
    with pytest.raises(BusyError), limits.turn(method):
        raise BusyError("429", retry_after_s=retry_after_s)


def test_while_the_portal_wants_no_calls_none_is_made_and_the_wait_is_told(limits):
    refused(limits, "GET", 7.0)
    with pytest.raises(BusyError) as caught, limits.turn("GET"):
        pytest.fail("the portal was asked")
    assert caught.value.retry_after_s is not None
    assert 6.0 < caught.value.retry_after_s <= 7.0
    with limits.turn("PUT"):
        pass  # a limit of writes says nothing of reads, nor the other way round


def test_after_the_wait_it_is_asked_again(limits):
    refused(limits, "PUT", 1.1)
    wait_until(lambda: _may(limits), 5, "the wait to end")


def _may(limits, method="PUT"):
    try:
        with limits.turn(method):
            return True
    except BusyError:
        return False


def test_a_refusal_that_names_no_wait_quiets_its_kind_for_two_seconds(limits):
    began = time.monotonic()
    refused(limits, "GET", None)
    with pytest.raises(BusyError) as caught, limits.turn("GET"):
        pytest.fail("the portal was asked")
    assert caught.value.retry_after_s is not None
    assert 0 < caught.value.retry_after_s <= module.UNNAMED_S
    assert limits.check() is None
    assert _may(limits, "PUT")
    wait_until(lambda: _may(limits, "GET"), 5, "the quiet to end", every_s=0.01)
    assert module.UNNAMED_S <= time.monotonic() - began < module.UNNAMED_S + 1


def test_the_days_limit_of_writes_is_told_to_people_and_leaves_reads_alone(limits, monkeypatch):
    monkeypatch.setattr(module, "QUIET_S", (0.01, 0.05))
    refused(limits, "PUT", 86_206.0)
    until = (datetime.now(UTC) + timedelta(seconds=86_206)).strftime("%Y-%m-%d")
    assert limits.check().startswith(f"the portal limits our rate: it takes no moves until {until} ")
    assert _quick(limits)
    assert limits.check() is not None  # a read tells nothing of writes
    wait_until(lambda: _fails(limits), 5, "the quiet to end", every_s=0.01)
    assert limits.check() is not None  # a call without an answer tells nothing
    assert _may(limits)
    assert limits.check() is None


def _fails(limits):
    """A write that gets no answer; False while none is made."""
    try:
        with limits.turn("PUT"):
            unanswered()
    except BusyError:
        return False
    except UnreachableError:
        return True


def unanswered():
    raise UnreachableError("no answer")


def test_a_wait_of_a_minute_is_no_news_for_people(limits):
    refused(limits, "GET", module.STANDS_STILL_S)
    assert limits.check() is None


def test_a_call_from_before_the_refusal_ends_no_quiet(limits):
    told(limits, 1, 1)
    with limits.turn("GET"):
        refused(limits, "GET", 600.0)
    assert not _may(limits, "GET")
    assert limits.check() is not None


def test_the_wait_of_a_day_is_told_and_the_portal_asked_again_before_its_end(limits, monkeypatch):
    monkeypatch.setattr(module, "QUIET_S", (0.01, 0.2))
    refused(limits, "PUT", 80_000.0)
    with pytest.raises(BusyError) as caught, limits.turn("PUT"):
        pass
    assert caught.value.retry_after_s is not None
    assert 79_000 < caught.value.retry_after_s <= 80_000
    wait_until(lambda: _may(limits), 5, "the quiet to end")


def test_a_wait_that_was_rounded_down_to_nothing_is_one(limits):
    refused(limits, "GET", 0.0)
    assert not _may(limits, "GET")


def test_those_who_wait_for_a_place_hear_of_the_refusal_at_once(limits, calls):
    entered, go = threading.Event(), threading.Event()

    def refused_later():
        with limits.turn("GET"):
            entered.set()
            assert go.wait(30)
            raise BusyError("429", retry_after_s=60.0)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(refused_later)
        assert entered.wait(10)
        waiting = calls.begin(5)
        wait_until(lambda: len(limits._reads._changed._waiters) == 5, 10, "five to wait")
        go.set()
        assert isinstance(first.exception(10), BusyError)
        assert all(isinstance(call.exception(10), BusyError) for call in waiting)


@pytest.mark.parametrize("movers", range(1, 13))
@pytest.mark.parametrize("classifiers", range(1, 13))
def test_all_processes_together_stay_below_the_clouds_limits(movers, classifiers):
    reads = movers * MOVERS_READ.share(movers) + classifiers * CLASSIFIERS_READ.share(classifiers)
    assert reads <= cloud.READS_AT_ONCE
    assert movers * MOVERS_WRITE.share(movers) <= cloud.WRITES_AT_ONCE


@pytest.mark.parametrize("movers", range(1, 12))
@pytest.mark.parametrize("classifiers", range(1, 12))
def test_one_of_each_that_comes_before_the_others_know_does_not_exceed_them_either(movers, classifiers):
    def with_newcomer(budget, count):
        return count * budget.share(count) + budget.share(max(module.UNTOLD, count + 1))

    reads = with_newcomer(MOVERS_READ, movers) + with_newcomer(CLASSIFIERS_READ, classifiers)
    assert reads <= cloud.READS_AT_ONCE
    assert with_newcomer(MOVERS_WRITE, movers) <= cloud.WRITES_AT_ONCE


def test_those_that_start_together_do_not_exceed_them():
    writes, *reads = (
        module.UNTOLD * each.share(module.UNTOLD) for each in (MOVERS_WRITE, MOVERS_READ, CLASSIFIERS_READ)
    )
    assert writes <= cloud.WRITES_AT_ONCE
    assert sum(reads) <= cloud.READS_AT_ONCE
