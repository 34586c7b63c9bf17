"""The pool of handler threads: as many as it needs, no more than it may have."""

import threading
import time

import pytest

from shared.amqp import pool
from shared.amqp.pool import Pool
from tests.support.waiting import wait_until


class Loop:
    """Stands for the loop's thread: what it is given, it does at once."""

    def call(self, function):
        function()


class Works:
    def __init__(self, size):
        self.may = threading.Event()
        self.working = []
        self.collected = []
        self.pool = Pool(size, Loop(), work=self.work, collect=self.collected.append)

    def work(self, job):
        self.working.append((threading.current_thread(), job))
        assert self.may.wait(30)

    def put(self, jobs):
        for job in jobs:
            self.pool.put(job)

    @property
    def threads(self):
        return {thread for thread, _ in self.working}


def test_it_has_no_thread_before_its_first_job_and_one_for_jobs_that_come_after_one_another():
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
    assert works.pool.longest_s() > 0
    works.may.set()
    wait_until(lambda: len(works.collected) == 9, 10, "all")
    assert sorted(works.collected) == list(range(9))
    assert works.pool.longest_s() < 0.1


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


def test_after_a_burst_one_thread_does_what_comes_one_by_one():
    works = Works(8)
    works.put(range(8))
    wait_until(lambda: len(works.working) == 8, 10, "eight to work")
    works.may.set()
    wait_until(lambda: len(works.pool._idle) == 8, 10, "all to be idle")
    works.working.clear()
    for number in range(8, 20):
        works.pool.put(number)
        wait_until(lambda: len(works.pool._idle) == 8, 10, "it to be idle again", every_s=0.001)
    assert len(works.working) == 12
    assert len(works.threads) == 1


def test_threads_that_nobody_needs_end_and_others_are_made_when_they_are_needed(monkeypatch):
    monkeypatch.setattr(pool, "IDLE_S", 0.05)
    works = Works(4)
    works.may.set()
    works.put(range(4))
    wait_until(lambda: len(works.collected) == 4, 10, "four jobs")
    threads = works.threads
    wait_until(lambda: not any(thread.is_alive() for thread in threads), 10, "their threads to end")
    assert works.pool._threads == len(works.pool._idle) == 0
    works.put(range(4, 8))
    wait_until(lambda: len(works.collected) == 8, 10, "four more")


def test_a_job_that_comes_while_a_thread_ends_is_done(monkeypatch):
    monkeypatch.setattr(pool, "IDLE_S", 0.0005)
    works = Works(3)
    works.may.set()
    for number in range(2000):
        works.pool.put(number)
        time.sleep(0.0005)
    wait_until(lambda: len(works.collected) == 2000, 10, "all")
    assert sorted(works.collected) == list(range(2000))
    assert len(works.threads) > 3
