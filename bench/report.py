"""What is kept and printed: medians with their range, ratios to ours, and what it was measured on."""

import dataclasses
import json
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.contenders import OURS

RESULTS = Path(__file__).parent / "results.json"

Runs = Mapping[str, Sequence[Any]]
"""A contender's name to its figures, run by run; a figures object is a dataclass of numbers."""

WORKER_COLUMNS = {"per_s": ("messages/s", 0), "cpu_us": ("CPU us each", 0), "resident_mb": ("MB", 0)}
INGRESS_COLUMNS = {
    "per_s": ("posts/s", 0),
    "p99_ms": ("p99 ms", 0),
    "p99_calm_ms": ("p99 ms at 200/s", 1),
    "cpu_ms": ("CPU ms each", 2),
    "load_share": ("load's share of a core", 2),
}


def section(runs: Runs, machine: Mapping[str, Any], **settings: object) -> dict[str, Any]:
    return {
        "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": machine,
        **settings,
        "runs": {name: [dataclasses.asdict(figures) for figures in each] for name, each in runs.items()},
    }


def save(part: str, found: Mapping[str, Any], results_file: Path = RESULTS) -> None:
    """The other parts stay as they were measured; each carries its own machine and time."""
    results = json.loads(results_file.read_text()) if results_file.exists() else {}
    results_file.write_text(json.dumps({**results, part: found}, indent=1) + "\n")


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in (header, ["---"] * len(header), *rows))


def cell(figures: Sequence[float], digits: int) -> str:
    """Median (lowest to highest)."""
    median, low, high = statistics.median(figures), min(figures), max(figures)
    return f"{median:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def epoch(moment: str) -> float:
    """From the portal's ISO 8601, in milliseconds."""
    return datetime.fromisoformat(moment).timestamp()


def p(share: float, figures: Sequence[float]) -> float:
    """The percentile: `p(0.99, times)`."""
    return sorted(figures)[min(len(figures) - 1, int(len(figures) * share))]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """By least squares: how much y grows for each x."""
    return statistics.linear_regression(*zip(*points, strict=True)).slope


def table(sections: Mapping[str, Mapping[str, Any]], columns: Mapping[str, tuple[str, int]]) -> str:
    """A Markdown table: median (lowest to highest), and how many times as fast ours is.

    `sections` stand side by side, each under the name of its job; who was not in one has no figures there.
    """
    header, rows = [""], {name: [name] for found in sections.values() for name in found["runs"]}
    for job, found in sections.items():
        header += [f"{job}{title}" for title in (*(title for title, _ in columns.values()), "ours is")]
        for name, row in rows.items():
            row.extend(_cells(found["runs"], name, columns))
    return markdown(header, rows.values())


def _cells(runs: Mapping[str, Any], name: str, columns: Mapping[str, tuple[str, int]]) -> list[str]:
    if name not in runs:
        return [""] * (len(columns) + 1)
    ratio = _rate(runs[OURS]) / _rate(runs[name])
    cells = [cell([run[key] for run in runs[name]], digits) for key, (_, digits) in columns.items()]
    return [*cells, "" if name == OURS else f"{ratio:.2f}x"]


def _rate(runs: Sequence[Mapping[str, float]]) -> float:
    return statistics.median(run["per_s"] for run in runs)


def about(machine: Mapping[str, Any]) -> str:
    versions = {**machine["peers"], **machine["ours"]}
    idle = "idle before" if machine["idle"] else "NOT IDLE before: rough figures"
    return (
        f"{machine['cores']} cores ({machine['processor']}), {machine['system']}, Python {machine['python']}, "
        f"{machine['broker']}; load average {machine['load_1min_before']}, {idle}\n"
        + ", ".join(f"{name} {version}" for name, version in versions.items())
    )
