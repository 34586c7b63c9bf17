"""Joins the calls of many threads into few. It has no thread of its own: one caller does the work for all."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

K = TypeVar("K")
T = TypeVar("T")
R = TypeVar("R")


class _Promise(Generic[R]):
    """An answer that one thread finds and several wait for."""

    def __init__(self) -> None:
        self._answer: Future[R] = Future()
        self._first = threading.Lock()
        """Taken by the first waiter that the error is raised for."""

    def fulfil(self, work: Callable[[], R]) -> None:
        """Do the work. Raises nothing."""
        try:
            self._answer.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised for every thread that waits, this one included
            self.failed(error)

    def failed(self, error: BaseException) -> None:
        self._answer.set_exception(error)

    @property
    def has_failed(self) -> bool:
        """Waits until the answer is there."""
        return self._answer.exception() is not None

    def result(self) -> R:
        """The answer. An error is raised as it is for the first waiter, and as a copy for each other. If one
        object were raised by hundreds of threads, its traceback would hold the frames of all.
        """
        error = self._answer.exception()
        if error is None:
            return self._answer.result()
        if self._first.acquire(blocking=False):
            raise error
        own = type(error).__new__(type(error), *error.args)  # not by __init__, which may need other arguments
        own.args = error.args
        vars(own).update(vars(error), **{_REPEATED: True})
        raise own from None


class _Group(Generic[T, R]):
    def __init__(self) -> None:
        self.items: list[T] = []
        self.answers: _Promise[Sequence[R]] = _Promise()


class Gather(Generic[K, T, R]):
    """Joins calls: while a call for a key is under way, further calls for that key wait and go together in the
    next.

    A group leaves at once if no call is under way for its key. Else it leaves when it is full or its oldest has
    waited `longest_wait_s`, and fewer than `at_once` are under way. So a lone call never waits, and the slower the
    answers come, the larger the groups are.
    """

    def __init__(
        self,
        work: Callable[[K, list[T]], Sequence[R]],
        *,
        limit: int,
        longest_wait_s: float,
        at_once: int,
        ends_later: bool = False,
        give_up_s: float | None = None,
    ) -> None:
        """`work` returns the answers in the order of its items. An error that it raises is raised for each of
        them.

        `ends_later`: a call counts as under way until `ended` is called for its key, once for each call that did
        not fail. `give_up_s`: if a group finds no place within this time, it is not sent, and TimeoutError is
        raised for its members.
        """
        self._give_up_s = give_up_s
        self._work = work
        self._ends_later = ends_later
        self._limit = limit
        self._longest_wait_s = longest_wait_s
        self._at_once = at_once
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        """Notified when a group is full or a call has ended. Only the groups' leaders wait for it."""
        self._open: dict[K, _Group[T, R]] = {}
        """The groups that others may still join."""
        self._under_way: dict[K, int] = {}

    def call(self, key: K, item: T) -> R:
        """The answer for `item`. `work` begins after this was called, never before."""
        with self._lock:
            group = self._open.get(key)
            leads = group is None
            if group is None:
                group = self._open[key] = _Group()
            place = len(group.items)
            group.items.append(item)
            if len(group.items) == self._limit:
                del self._open[key]
                self._changed.notify_all()
            leaves = leads and self._wait_to_leave(key, group)
        if leaves:
            self._lead(key, group)
        elif leads:
            group.answers.failed(TimeoutError("no place among the calls that are under way"))
        return group.answers.result()[place]

    def _wait_to_leave(self, key: K, group: _Group[T, R]) -> bool:
        """False if no place came in time."""
        began = time.monotonic()
        leaves_at = began + self._longest_wait_s
        gives_up_at = None if self._give_up_s is None else began + self._give_up_s
        in_time = True
        while under_way := self._under_way.get(key, 0):
            full = len(group.items) == self._limit
            now = time.monotonic()
            if under_way < self._at_once and (full or now >= leaves_at):
                break
            if gives_up_at is not None and now >= gives_up_at:
                in_time = False
                break
            wakes_at = [leaves_at if under_way < self._at_once else None, gives_up_at]
            self._changed.wait(min((at - now for at in wakes_at if at is not None), default=None))
        if self._open.get(key) is group:
            del self._open[key]
        if in_time:
            self._under_way[key] = under_way + 1
        return in_time

    def _lead(self, key: K, group: _Group[T, R]) -> None:
        try:
            group.answers.fulfil(lambda: self._work(key, group.items))
        finally:
            if not self._ends_later or group.answers.has_failed:
                self.ended(key)

    def ended(self, key: K) -> None:
        """A call for that key has ended."""
        with self._lock:
            self._under_way[key] -= 1
            if not self._under_way[key]:
                del self._under_way[key]
            self._changed.notify_all()


class Once(Generic[R]):
    """A piece of work whose result several threads want. The first that asks does it, and the others wait."""

    def __init__(self, work: Callable[[], R]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._begun = False
        self._answer: _Promise[R] = _Promise()

    def run(self) -> None:
        """Do the work, unless another thread has begun it. Raises nothing."""
        with self._lock:
            first = not self._begun
            self._begun = True
        if first:
            self._answer.fulfil(self._work)

    def result(self) -> R:
        """The result. If the work raised an error, it is raised for each caller."""
        self.run()
        return self._answer.result()


def is_repeated(error: BaseException) -> bool:
    """Whether another caller was raised the same error, with the whole traceback. Once is enough in a log."""
    return vars(error).get(_REPEATED) is True


_REPEATED = "_repeated"
