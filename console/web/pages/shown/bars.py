"""The last hours as bars of an SVG: where each part of each bar lies. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HOUR_S = 3600
KINDS = ("filed", "skipped", "waiting", "failed")
"""From the bottom up: what needs somebody lies on top."""
HEIGHT, STEP, WIDTH = 80, 20, 16
"""In the SVG's own units; a bar begins every STEP."""
_LEAST = 2.0
"""A single upload beside thousands is seen all the same."""


@dataclass(frozen=True, slots=True)
class Part:
    kind: str
    count: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    start: float
    """Of its hour, seconds since the epoch."""
    x: int
    parts: tuple[Part, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        told = {part.kind: part.count for part in self.parts}
        return {kind: told.get(kind, 0) for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Chart:
    bars: tuple[Bar, ...]
    most: int
    """Uploads of the fullest hour."""

    @property
    def width(self) -> int:
        return max(1, len(self.bars)) * STEP

    @property
    def kinds(self) -> tuple[str, ...]:
        """Those that are there, for the legend."""
        return tuple(kind for kind in KINDS if any(bar.counts[kind] for bar in self.bars))


def chart(hours: Mapping[float, Mapping[str, int]], now: float, how_many: int = 24) -> Chart:
    """`hours`: counts by kind, by the start of their hour; an hour that is not in it had none."""
    last = now // HOUR_S * HOUR_S
    starts = [last - HOUR_S * back for back in reversed(range(how_many))]
    most = max((sum(hours.get(start, {}).values()) for start in starts), default=0)
    bars = tuple(Bar(start, STEP * place, _parts(hours.get(start, {}), most)) for place, start in enumerate(starts))
    return Chart(bars, most)


def _parts(counts: Mapping[str, int], most: int) -> tuple[Part, ...]:
    there = [(kind, counts[kind]) for kind in KINDS if counts.get(kind)]
    return tuple(_stacked(there, most))


def _stacked(there: Sequence[tuple[str, int]], most: int) -> list[Part]:
    """The small ones get their least height from the largest, so that no bar grows over the chart."""
    heights = {kind: max(_LEAST, HEIGHT * count / most) for kind, count in there}
    if (over := sum(heights.values()) - HEIGHT) > 0:
        heights[max(heights, key=lambda kind: heights[kind])] -= over
    parts, bottom = [], float(HEIGHT)
    for kind, count in there:
        bottom -= heights[kind]
        parts.append(Part(kind, count, round(bottom, 1), round(heights[kind], 1)))
    return parts
