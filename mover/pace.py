"""How long this portal takes for a look and for a move, as measured; from that, when to look and how. No I/O.

A real portal has a moved file in its place 0.2 to 0.5 s after it took the request, 0.15 s later for each further
file of the same operation, and five to ten times as late under load (docs/explanation/portal.md, "Costs"); the
simulated one may take no time at all. So nothing is assumed: the first move is looked for at once, the next when
this one was seen.
"""

import threading
from collections.abc import Iterator

WEIGHT = 0.3
"""Of the newest measurement."""

SOON = 0.8
"""The first look comes after so much of the time that a move usually takes: more than half of them are there by
then. At 0.6 a look more was needed for each second file, and none was seen sooner (bench.quiet)."""
BETWEEN = 0.4
"""And the next looks so much of it apart; of a group, whose files arrive one by one, a quarter of its time."""
LEAST_WAIT_S, SHORT_WAIT_S, LONGEST_WAIT_S = 0.005, 0.2, 2.0
GROWTH = 1.5
STEP = 0.05
"""Of the time that passed: a question that came a little too soon is not asked again at once."""

PATIENCE_S, PATIENCE_EACH_S = 25.0, 1.0
"""For a move, and for each further file. Then the message goes back to the ladder, and begins with a look."""

PAGE_BASE = 14
"""A page of so many files takes twice as long as one that is nearly empty (0.084 s, and 0.571 s for 100)."""


class Pace:
    """Serves many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._look_s: float | None = None
        self._page_s: float | None = None
        """Of an empty page."""
        self._move_s: float | None = None
        """Of one file: from the portal's answer to the look that saw it."""
        self._each_s = 0.0
        """Of each further file of a group."""
        self._end_s = 0.0
        """From the portal's answer to the end of an operation of one file."""

    def looked(self, took_s: float) -> None:
        with self._lock:
            self._look_s = _mean(self._look_s, took_s)

    def read_page(self, count: int, took_s: float) -> None:
        with self._lock:
            self._page_s = _mean(self._page_s, took_s / _weight(count))

    def arrived(self, files: int, took_s: float) -> None:
        """The last of so many files was seen so long after the portal had taken their move."""
        with self._lock:
            if files == 1:
                self._move_s = _mean(self._move_s, took_s)
            elif self._move_s is not None:
                self._each_s = _mean(self._each_s, max(0.0, took_s - self._move_s) / (files - 1))

    def ended(self, files: int, took_s: float, *, finished: bool) -> None:
        """What a question for the operation's end found: the next comes a little sooner, or after this one."""
        with self._lock:
            of_one_s = max(0.0, took_s - self._each_s * (files - 1))
            self._end_s = self._end_s * 0.97 if finished else max(self._end_s, of_one_s * 1.3 + LEAST_WAIT_S)

    def end_s(self, files: int) -> float:
        """When to ask for the operation's end, in seconds after the portal's answer."""
        with self._lock:
            return self._end_s + self._each_s * (files - 1)

    def move_s(self, files: int) -> float:
        """What a move of so many files takes."""
        with self._lock:
            return (self._move_s or 0.0) + self._each_s * (files - 1)

    def patience_s(self, files: int) -> float:
        return PATIENCE_S + PATIENCE_EACH_S * (files - 1)

    def waits(self, files: int) -> Iterator[float]:
        """Seconds before each look at the files of one operation, without end."""
        usual_s = self.move_s(files)
        first_s, wait_s, most_s = SOON * usual_s, BETWEEN * usual_s, SHORT_WAIT_S
        if files > 1:
            first_s, wait_s, most_s = max(SOON * self.move_s(1), usual_s / 4), usual_s / 4, LONGEST_WAIT_S
        wait_s = min(max(wait_s, LEAST_WAIT_S), most_s)
        passed_s = first_s
        yield first_s
        while True:
            yield wait_s
            passed_s += wait_s
            if passed_s > 2 * usual_s:
                wait_s = min(wait_s * GROWTH, SHORT_WAIT_S if passed_s < 1.0 else LONGEST_WAIT_S)

    def wait_s(self, passed_s: float, left_s: float) -> float:
        """Before the next question for an operation that is expected to be far enough in `left_s`."""
        return min(max(left_s, LEAST_WAIT_S, STEP * passed_s), LONGEST_WAIT_S)

    def page_is_cheaper(self, files: int, count: int) -> bool:
        """Whether a page of `count` entries costs the portal less than a look at each of so many files."""
        with self._lock:
            if self._look_s is None or self._page_s is None:
                return files > _weight(count)
            return files * self._look_s > self._page_s * _weight(count)


def _weight(count: int) -> float:
    return 1 + count / PAGE_BASE


def _mean(before: float | None, now: float) -> float:
    return now if before is None else before + WEIGHT * (now - before)
