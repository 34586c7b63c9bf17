"""Asks the portal about queued moves until it says that they ended. What it says is not taken as proof."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Protocol

from cachetools import LRUCache

from shared.docspace.model import Operation
from shared.errors import IntakeError
from shared.threads.batching import Once
from shared.wire.events import EntryId

FIRST_WAIT_S = 0.005
"""The wait before the first question. An idle portal moves a file in milliseconds, and one more question costs
less than an invoice that waits."""
GROWTH = 3
LONGEST_WAIT_S = 2.0
PATIENCE_S = 25.0
"""After this long the message goes back to the retry ladder, so that one slow move does not hold a worker."""


class Word(Enum):
    """What the portal said last about an operation."""

    FINISHED = auto()
    RUNNING = auto()
    UNKNOWN = auto()
    """There is no such operation: its end was told to another reader, or the portal lost it."""
    STOPPING = auto()
    """This process was asked to stop; the portal said nothing."""


OVER = frozenset({Word.FINISHED, Word.UNKNOWN})
"""After these, the operation changes nothing more."""

KEPT_ENDS = 1000
"""How many ended operations are remembered. The portal tells an end once, and some of a group's files may ask
later."""


@dataclass(frozen=True, slots=True)
class Followed:
    word: Word
    progress: int = 0
    error: str = ""
    files: tuple[EntryId, ...] = ()


class Operations(Protocol):
    def operation(self, operation_id: str, /) -> Operation | None: ...


def follow(
    operation: Operation, portal: Operations, *, clock: Callable[[], float], wait: Callable[[float], bool]
) -> Followed:
    """Ask with growing waits for at most `PATIENCE_S`. If a question fails, it is asked again."""
    give_up_at = clock() + PATIENCE_S
    wait_s = FIRST_WAIT_S
    latest: Operation | None = operation
    while latest is not None and not latest.finished:
        remaining_s = give_up_at - clock()
        if remaining_s <= 0:
            return _followed(Word.RUNNING, latest)
        if wait(min(wait_s, remaining_s)):
            return _followed(Word.STOPPING, latest)
        wait_s = min(wait_s * GROWTH, LONGEST_WAIT_S)
        try:
            latest = portal.operation(operation.id)
        except IntakeError:
            continue  # the operation goes on without our watching
    return _followed(Word.FINISHED, latest) if latest else Followed(Word.UNKNOWN)


def _followed(word: Word, operation: Operation) -> Followed:
    return Followed(word, operation.progress, operation.error, operation.files)


class Following:
    """Thread-safe. If several threads follow one operation, one asks for all. How an operation ended is
    remembered.
    """

    def __init__(self, portal: Operations, clock: Callable[[], float], wait: Callable[[float], bool]) -> None:
        self._follow = partial(follow, portal=portal, clock=clock, wait=wait)
        self._lock = threading.Lock()
        self._under_way: dict[str, Once[Followed]] = {}
        self._ended: LRUCache[str, Followed] = LRUCache(KEPT_ENDS)

    def follow(self, operation: Operation) -> Followed:
        """Like `follow`. If it ended without an answer, the next caller asks again."""
        with self._lock:
            ended = self._ended.get(operation.id)
            if ended is not None:
                return ended
            asking = self._under_way.get(operation.id)
            if asking is None:
                asking = self._under_way[operation.id] = Once(partial(self._follow, operation))
        followed: Followed | None = None
        try:
            followed = asking.result()
        finally:
            with self._lock:
                if self._under_way.get(operation.id) is asking:
                    del self._under_way[operation.id]
                    if followed is not None and followed.word in OVER:
                        self._ended[operation.id] = followed
        return followed
