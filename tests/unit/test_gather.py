"""Calls that many threads make at once go together; each gets its own answer, or the error of its group."""

import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from shared.threads.batching import Gather, Once, is_repeated
from tests.support.waiting import wait_until

LONG_S = 60.0
SHORT_S = 0.05


class Work:
    """Answers `item!` for each item, once it may; remembers the groups."""

    def __init__(self):
        self.groups = []
        self.gates = {}
        self.error = None
        self.takes_s = 0.0

    def hold(self, item):
        """The group with this item waits until the event that is returned."""
        self.gates[item] = threading.Event()
        return self.gates[item]

    def __call__(self, key, items):
        self.groups.append((key, list(items)))
        time.sleep(self.takes_s)
        for item in items:
            if item in self.gates:
                assert self.gates[item].wait(30)
        if self.error:
            raise self.error
        return [f"{item}!" for item in items]


class Callers:
    def __init__(self, gather, pool):
        self.gather = gather
        self.pool = pool

    def call(self, item, key="k") -> Future[str]:
        """From a thread of its own; back once it has arrived."""
        before = self._arrived(key)
        future: Future[str] = self.pool.submit(self.gather.call, key, item)
        wait_until(lambda: self._arrived(key) > before, 10, f"{item} to arrive", every_s=0.001)
        return future

    def _arrived(self, key):
        gather = self.gather
        with gather._lock:
            group = gather._open.get(key)
            waiting = len(group.items) if group else 0
        return waiting + sum(len(items) for of, items in gather._work.groups if of == key)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(20) as pool:
        yield pool


@pytest.fixture
def work():
    return Work()


@pytest.fixture
def gathered(work, pool):
    def gathered(*, limit=100, longest_wait_s=LONG_S, at_once=10, **more):
        return Callers(Gather(work, limit=limit, longest_wait_s=longest_wait_s, at_once=at_once, **more), pool)

    return gathered


def test_a_lone_call_leaves_at_once(work, gathered):
    callers = gathered()
    for item in ("a", "b"):
        started = time.monotonic()
        assert callers.gather.call("k", item) == f"{item}!"
        assert time.monotonic() - started < LONG_S / 2
    assert work.groups == [("k", ["a"]), ("k", ["b"])]


def test_what_comes_while_a_call_is_under_way_goes_together_when_it_ends(work, gathered):
    callers = gathered()
    gate = work.hold("a")
    first = callers.call("a")
    others = [callers.call(item) for item in ("b", "c", "d")]
    assert work.groups == [("k", ["a"])]
    gate.set()
    assert [first.result(10), *(other.result(10) for other in others)] == ["a!", "b!", "c!", "d!"]
    assert work.groups == [("k", ["a"]), ("k", ["b", "c", "d"])]


def test_a_full_group_does_not_wait_for_the_call_before(work, gathered):
    callers = gathered(limit=2)
    gate = work.hold("a")
    first = callers.call("a")
    others = [callers.call(item) for item in ("b", "c")]
    assert [other.result(10) for other in others] == ["b!", "c!"]
    gate.set()
    first.result(10)


def test_a_call_waits_for_others_no_longer_than_it_may(work, gathered):
    callers = gathered(longest_wait_s=SHORT_S)
    gate = work.hold("a")
    first = callers.call("a")
    started = time.monotonic()
    assert callers.call("b").result(10) == "b!"
    assert time.monotonic() - started >= SHORT_S * 0.9
    gate.set()
    first.result(10)


def test_no_more_calls_than_allowed_are_under_way_and_the_next_takes_all_that_wait(work, gathered):
    callers = gathered(longest_wait_s=0, at_once=2)
    gates = [work.hold(item) for item in ("a", "b")]
    under_way = [callers.call(item) for item in ("a", "b")]
    waiting = [callers.call(item) for item in ("c", "d", "e", "f")]
    assert [items for _, items in work.groups] == [["a"], ["b"]]
    gates[0].set()
    assert [future.result(10) for future in waiting] == ["c!", "d!", "e!", "f!"]
    assert [items for _, items in work.groups[2:]] == [["c", "d", "e", "f"]]
    gates[1].set()
    assert [future.result(10) for future in under_way] == ["a!", "b!"]


def test_keys_do_not_wait_for_one_another(work, gathered):
    callers = gathered()
    gate = work.hold("a")
    first = callers.call("a", key="one")
    assert callers.call("b", key="other").result(10) == "b!"
    gate.set()
    first.result(10)


@pytest.mark.parametrize("error", [RuntimeError("no"), SystemExit(1)])
def test_an_error_reaches_every_member_and_the_next_call_works(work, gathered, error):
    callers = gathered()
    gate = work.hold("a")
    first = callers.call("a")
    others = [callers.call(item) for item in ("b", "c")]
    work.error = error
    gate.set()
    raised = [future.exception(10) for future in (first, *others)]
    assert all(type(each) is type(error) and each.args == error.args for each in raised)
    work.error = None
    assert callers.gather.call("k", "d") == "d!"


class OwnWordsError(Exception):
    def __init__(self) -> None:
        super().__init__("always the same words")
        self.more = 7


def test_each_caller_of_a_call_that_fails_has_its_own_error_and_one_the_traceback(work, pool):
    callers = Callers(Gather(work, limit=1_000, longest_wait_s=LONG_S, at_once=1), pool)
    gate, told = work.hold("a"), []
    first = callers.call("a")

    def call(number):
        try:
            callers.gather.call("k", number)
        except OwnWordsError as error:
            told.append((error, len(traceback.format_exception(error)), is_repeated(error)))

    threads = [threading.Thread(target=call, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    wait_until(lambda: callers._arrived("k") == 201, 10, "all to arrive")
    work.error = OwnWordsError()
    gate.set()
    for thread in threads:
        thread.join(10)
    assert isinstance(first.exception(10), OwnWordsError)
    assert len({id(error) for error, _, _ in told}) == 200
    assert {(str(error), error.more) for error, _, _ in told} == {("always the same words", 7)}
    assert [repeated for _, _, repeated in told].count(False) == 1
    assert max(lines for _, lines, _ in told) < 20


def test_nothing_is_kept_of_keys_that_are_done_with(work, gathered):
    callers = gathered()
    callers.gather.call("k", "a")
    assert (callers.gather._open, callers.gather._under_way) == ({}, {})


def test_a_storm_of_threads_gets_each_its_own_answer(work):
    work.takes_s = 0.001
    gather = Gather(work, limit=7, longest_wait_s=0.001, at_once=3)

    def many(thread):
        return all(gather.call(thread % 2, f"{thread}.{n}") == f"{thread}.{n}!" for n in range(100))

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(many, range(16)))
    items = [item for _, group in work.groups for item in group]
    assert len(items) == len(set(items)) == 1600
    assert len(work.groups) < 1600


def test_once_is_done_by_one_for_all(pool):
    done, may = [], threading.Event()

    def work():
        done.append(threading.current_thread().name)
        assert may.wait(30)
        return 7

    once = Once(work)
    futures = [pool.submit(once.result) for _ in range(10)]
    may.set()
    assert [future.result(10) for future in futures] == [7] * 10
    assert len(done) == 1


def test_what_once_raised_is_raised_for_each_that_asks():
    def work():
        raise ValueError("no")

    once = Once(work)
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            once.result()


def test_a_call_that_ends_later_holds_its_place_until_it_has_ended(work, gathered):
    callers = gathered(at_once=1, longest_wait_s=0, ends_later=True)
    assert callers.gather.call("k", "a") == "a!"
    waiting = [callers.call(item) for item in ("b", "c")]
    assert [items for _, items in work.groups] == [["a"]]
    assert callers.gather.call("other", "x") == "x!"
    callers.gather.ended("k")
    assert [future.result(10) for future in waiting] == ["b!", "c!"]
    assert [items for key, items in work.groups if key == "k"] == [["a"], ["b", "c"]]
    for key in ("k", "other"):
        callers.gather.ended(key)
    assert (callers.gather._open, callers.gather._under_way) == ({}, {})


def test_a_call_that_failed_has_ended_and_nobody_need_say_so(work, gathered):
    callers = gathered(at_once=1, longest_wait_s=0, ends_later=True)
    work.error = RuntimeError("no")
    for item in ("a", "b"):
        with pytest.raises(RuntimeError):
            callers.gather.call("k", item)
    work.error = None
    assert callers.gather.call("k", "c") == "c!"


def test_a_group_that_finds_no_place_is_given_up_whole_and_never_sent(work, gathered):
    callers = gathered(at_once=1, longest_wait_s=0, give_up_s=SHORT_S)
    gate = work.hold("a")
    first = callers.call("a")
    started = time.monotonic()
    waiting = [callers.call(item) for item in ("b", "c", "d")]
    for future in waiting:
        assert isinstance(future.exception(10), TimeoutError)
    assert time.monotonic() - started < SHORT_S + 5
    gate.set()
    assert first.result(10) == "a!"
    assert work.groups == [("k", ["a"])]
    assert callers.gather.call("k", "e") == "e!"


def test_one_wake_up_in_vain_does_not_double_the_patience(work, gathered):
    callers = gathered(at_once=1, longest_wait_s=0, ends_later=True, give_up_s=0.6)
    callers.gather.call("k", "a")
    started = time.monotonic()
    waiting = callers.call("b")
    time.sleep(0.4)  # most of its patience
    callers.gather.call("other", "x")
    callers.gather.ended("other")  # wakes every leader
    assert isinstance(waiting.exception(10), TimeoutError)
    assert 0.6 <= time.monotonic() - started < 0.95


def test_a_place_that_is_freed_in_time_is_used(work, gathered):
    callers = gathered(at_once=1, longest_wait_s=0, ends_later=True, give_up_s=LONG_S)
    callers.gather.call("k", "a")
    waiting = [callers.call(item) for item in ("b", "c")]
    callers.gather.ended("k")
    assert [future.result(10) for future in waiting] == ["b!", "c!"]
    last = callers.call("d")
    callers.gather.ended("k")
    assert last.result(10) == "d!"


def test_a_storm_whose_calls_end_later_or_are_given_up_leaves_nobody_waiting(work):
    work.takes_s = 0.001
    gather = Gather(work, limit=5, longest_wait_s=0.001, at_once=2, ends_later=True, give_up_s=0.02)
    enders = ThreadPoolExecutor(4)

    def many(thread):
        told = Counter[str]()
        for n in range(60):
            item = f"{thread}.{n}"
            try:
                assert gather.call("k", item) == f"{item}!"
            except TimeoutError:
                told["given up"] += 1
            else:
                told["answered"] += 1
        return told

    def end_what_was_sent():
        ended = 0
        while not over.is_set() or ended < len(work.groups):
            if ended < len(work.groups):
                time.sleep(0.002)
                gather.ended("k")
                ended += 1

    over = threading.Event()
    ender = enders.submit(end_what_was_sent)
    with ThreadPoolExecutor(16) as pool:
        told: Counter[str] = sum(pool.map(many, range(16)), Counter())
    over.set()
    ender.result(30)
    enders.shutdown()
    sent = [item for _, group in work.groups for item in group]
    assert len(sent) == len(set(sent)) == told["answered"]
    assert told.total() == 16 * 60
    assert (gather._open, gather._under_way) == ({}, {})
