"""The pool of handler threads: as many as it needs, no more than it may have."""

import threading
import time

import pytest

from shared.amqp import pool
from shared.amqp.client.loop import LoopThread
from shared.amqp.pool import Pool
from tests.support.waiting import wait_until


class Loop(LoopThread):
    """Stands for the loop's thread: what it is given, it does at once."""

    def __init__(self):
        """It has no loop."""

    def call(self, callback):
        callback()


class Works:
    def __init__(self, size):
        self.may = threading.Event()
        self.working = []
        self.collected: list[int] = []
        self.pool = Pool(size, Loop(), work=self.work, collect=self.collected.append)

    def work(self, job):
        self.working.append((threading.current_thread(), job))
        assert self.may.wait(30)

    def put(self, jobs):
        for job in jobs:
            self.pool.put(job)

    def burst(self, count):
        """So many at once, and then whatever comes may be done."""
        self.put(range(count))
        wait_until(lambda: len(self.working) == count, 10, "all to work")
        self.may.set()
        wait_until(lambda: len(self.collected) == count, 10, "all")

    @property
    def threads(self):
        return {thread for thread, _ in self.working}


def test_it_has_no_thread_before_its_first_job_and_one_for_jobs_in_a_row():
    works = Works(8)
    works.may.set()
    assert works.pool._threads == 0
    for number in range(5):
        works.pool.put(number)
        wait_until(lambda: len(works.collected) == number + 1, 10, "the job", every_s=0.001)  # noqa: B023
    assert len(works.threads) == 1


def test_jobs_that_come_at_once_are_done_at_once_up_to_its_size():
    works = Works(4)
    works.put(range(9))
    wait_until(lambda: len(works.working) == 4, 10, "four to work")
    assert len(works.threads) == works.pool._threads == 4
    longest = works.pool.longest()
    assert longest is not None
    assert longest.seconds > 0
    works.may.set()
    wait_until(lambda: len(works.collected) == 9, 10, "all")
    assert sorted(works.collected) == list(range(9))
    assert works.pool.longest() is None


def test_where_the_system_allows_no_more_threads_it_works_with_those_it_has(monkeypatch):
    works = Works(4)
    works.put([0, 1])
    wait_until(lambda: len(works.working) == 2, 10, "two to work")

    def refuse(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    works.put([2, 3])
    works.may.set()
    wait_until(lambda: len(works.collected) == 4, 10, "all")
    with pytest.raises(RuntimeError):
        Works(4).pool.put(0)


def test_a_thread_that_was_refused_once_is_asked_for_again_later(monkeypatch):
    monkeypatch.setattr(pool, "REFUSED_S", 0.2)
    works, start, refused = Works(4), threading.Thread.start, list[threading.Thread]()

    def refuse_once(thread):
        if len(works.working) == 1 and not refused:
            refused.append(thread)
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse_once)
    works.put([0])
    wait_until(lambda: len(works.working) == 1, 10, "the first to work")
    works.put([1])
    assert refused
    assert works.pool._threads == 1
    wait_until(lambda: works.pool._refused_until < time.monotonic(), 10, "the refusal to be over")
    works.put([2, 3])
    wait_until(lambda: len(works.working) == 3, 10, "three to work")
    works.may.set()
    wait_until(lambda: len(works.collected) == 4, 10, "all")


def test_threads_that_only_a_burst_needed_end_after_it(monkeypatch):
    monkeypatch.setattr(pool, "BURST_S", 0.05)
    works = Works(8)
    works.burst(8)

    def one_more():
        works.pool.put(0)
        return works.pool._threads == 1 and sum(thread.is_alive() for thread in works.threads) == 1

    wait_until(one_more, 10, "seven to end", every_s=0.002)
    works.put(range(8))
    wait_until(lambda: len(works.collected) == len(works.working), 10, "another burst")


def test_a_burst_is_remembered_for_a_while(monkeypatch):
    monkeypatch.setattr(pool, "BURST_S", 60)
    works = Works(8)
    works.burst(8)
    for number in range(100):
        works.pool.put(number)
    wait_until(lambda: len(works.collected) == 108, 10, "all")
    assert works.pool._threads == 8


def test_whatever_comes_while_threads_end_is_done(monkeypatch):
    monkeypatch.setattr(pool, "BURST_S", 0.0002)
    works = Works(5)
    works.may.set()
    for size in [1, 7, 2, 5, 1, 1, 3] * 100:
        works.put(range(size))
        time.sleep(0.0003)  # for threads to end in between
    wait_until(lambda: len(works.collected) == 2000, 10, "all")
    assert len(works.threads) > 5
