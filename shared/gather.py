"""Calls of many threads joined into few. It has no thread of its own: one of the callers does the work for all."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

K = TypeVar("K")
T = TypeVar("T")
R = TypeVar("R")


class _Group(Generic[T, R]):
    def __init__(self) -> None:
        self.items: list[T] = []
        self.leaves = threading.Event()
        self.answers: Future[Sequence[R]] = Future()


class Gather(Generic[K, T, R]):
    """What comes for a key while a call for that key is under way goes together in the next one.

    A group leaves when nothing is under way for its key, when it is full, or when its oldest has waited
    `longest_wait_s`. So a lone call is never delayed, and a burst is grouped without being told so.
    """

    def __init__(self, work: Callable[[K, list[T]], Sequence[R]], *, limit: int, longest_wait_s: float) -> None:
        """`work` answers its items in their order; what it raises, each of them is told."""
        self._work = work
        self._limit = limit
        self._longest_wait_s = longest_wait_s
        self._lock = threading.Lock()
        self._open: dict[K, _Group[T, R]] = {}
        """Those that others may still join."""
        self._under_way: dict[K, int] = {}

    def call(self, key: K, item: T) -> R:
        """The answer for `item`. It begins to be found out after this was called, never before."""
        with self._lock:
            group = self._open.get(key)
            leads = group is None
            if group is None:
                group = self._open[key] = _Group()
                if key not in self._under_way:
                    group.leaves.set()
            place = len(group.items)
            group.items.append(item)
            if len(group.items) == self._limit:
                del self._open[key]
                group.leaves.set()
        if leads:
            self._lead(key, group)
        return group.answers.result()[place]

    def _lead(self, key: K, group: _Group[T, R]) -> None:
        group.leaves.wait(self._longest_wait_s)
        with self._lock:
            if self._open.get(key) is group:
                del self._open[key]
            self._under_way[key] = self._under_way.get(key, 0) + 1
        try:
            _fulfil(group.answers, lambda: self._work(key, group.items))
        finally:
            with self._lock:
                self._under_way[key] -= 1
                if not self._under_way[key]:
                    del self._under_way[key]
                    if key in self._open:
                        self._open[key].leaves.set()


class Once(Generic[R]):
    """A piece of work whose result several threads want: the first that asks does it, the others wait."""

    def __init__(self, work: Callable[[], R]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._begun = False
        self._answer: Future[R] = Future()

    def run(self) -> None:
        """Do it, unless another has begun. Raises nothing."""
        with self._lock:
            first = not self._begun
            self._begun = True
        if first:
            _fulfil(self._answer, self._work)

    def result(self) -> R:
        """Its result; what it raised is raised for each that asks."""
        self.run()
        return self._answer.result()


def _fulfil(promise: Future[R], work: Callable[[], R]) -> None:
    try:
        promise.set_result(work())
    except BaseException as error:  # noqa: BLE001 - it is told to every thread that waits, this one included
        promise.set_exception(error)
