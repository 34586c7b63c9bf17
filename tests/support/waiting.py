"""Waiting in tests: polling with a deadline, never a bare sleep."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(predicate: Callable[..., T | None], timeout_s: float, what: str, *, every_s: float = 0.05) -> T:
    """The first truthy answer of `predicate`; AssertionError naming `what` when the deadline passes first.

    `predicate` is called with nothing; a lambda may bind a loop's variable as its default.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        answer = predicate()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout_s} s in vain for {what}; last answer: {answer!r}")
        time.sleep(every_s)
