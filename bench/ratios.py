"""Two versions measured by turns: the median of the ratios, where it surely lies, and what that says. No I/O."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

SURE = 0.95
"""How sure the interval must be to hold the median, whatever the ratios' distribution."""
FALLEN = 0.9
"""A tenth worse; the whole interval must lie beyond it."""


@dataclass(frozen=True, slots=True)
class Compared:
    before: float
    """Median of the runs."""
    after: float
    ratio: float
    """Median of after by before, run by run."""
    low: float
    high: float
    verdict: str
    """`fallen`, `better`, or nothing that could be told from the noise."""


def compared(before: Sequence[float], after: Sequence[float], *, more_is_better: bool) -> Compared:
    """Of runs that took turns, in their order."""
    ratios = sorted(_ratio(old, new) for old, new in zip(before, after, strict=True))
    left_out = outside(len(ratios))
    skipped = left_out or 0
    low, high = ratios[skipped], ratios[len(ratios) - 1 - skipped]
    verdict = "" if left_out is None else _verdict(low, high, more_is_better=more_is_better)
    ratio = statistics.median(ratios)
    return Compared(statistics.median(before), statistics.median(after), ratio, low, high, verdict)


def outside(count: int) -> int | None:
    """How many of the sorted ratios lie beyond the interval at each end: 1 of nine, so it is the 2nd to the 8th.

    The median lies below the k-th with the chance that fewer than k of them fall on one side of it. None: even the
    lowest and the highest are not sure enough, which takes six.
    """
    found = None
    beyond = 0.0
    for number in range((count + 1) // 2):
        beyond += math.comb(count, number) / 2**count
        if 1 - 2 * beyond < SURE:
            break
        found = number
    return found


def _ratio(old: float, new: float) -> float:
    if old:
        return new / old
    return 1.0 if not new else math.inf


def _verdict(low: float, high: float, *, more_is_better: bool) -> str:
    below, above = high < FALLEN, low > 1 / FALLEN
    if below or above:
        return "better" if above == more_is_better else "fallen"
    return ""
