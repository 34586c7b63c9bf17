"""A check of readiness that hangs is answered for, and is not asked again meanwhile."""

import threading
import time

import pytest

from shared.runtime.health import ANSWER_WITHIN_S, Bounded, Readiness
from shared.runtime.metrics import Metrics
from tests.support.waiting import wait_until


def test_an_answer_that_comes_is_passed_on() -> None:
    answers = iter(["it is down", None])
    check = Bounded(lambda: next(answers), "the database")
    assert check() == "it is down"
    wait_until(lambda: check() is None, timeout_s=5, what="the next answer")


def test_a_check_that_fails_is_a_fault_at_once_and_is_asked_again() -> None:
    answers = iter([ValueError("a bug"), None])

    def check() -> None:
        if error := next(answers):
            raise error

    bounded = Bounded(check, "the database")
    assert bounded() == "the database cannot be checked: ValueError: a bug"
    wait_until(lambda: bounded() is None, timeout_s=5, what="the next answer")


def test_a_check_for_which_there_is_no_thread_is_a_fault_and_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    readiness = Readiness({"ledger": Bounded(lambda: None, "the database")}, Metrics())
    with monkeypatch.context() as refusing:
        refusing.setattr(threading.Thread, "start", refuse)
        assert readiness.faults() == {"ledger": "ledger cannot be checked: RuntimeError: can't start new thread"}
    assert readiness.faults() == {}


def test_a_check_that_hangs_is_a_fault_within_its_time_and_is_asked_once() -> None:
    thawed = threading.Event()
    asked = []

    def hangs() -> None:
        asked.append(1)
        thawed.wait(30)

    check = Bounded(hangs, "the database")
    started = time.monotonic()
    assert "the database has not answered for" in (check() or "")
    assert "the database has not answered for" in (check() or "")
    assert time.monotonic() - started < 2 * ANSWER_WITHIN_S + 2
    assert len(asked) == 1
    thawed.set()
    wait_until(lambda: check() is None, timeout_s=5, what="the check to be fine again")
