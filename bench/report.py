"""What is kept and printed: medians with their range, ratios to ours, and what it was measured on."""

import dataclasses
import json
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.contenders import OURS

RESULTS = Path(__file__).parent / "results.json"

Runs = Mapping[str, Sequence[Any]]
"""A contender's name to its figures, run by run; a figures object is a dataclass of numbers."""

WORKER_COLUMNS = {"per_s": ("messages/s", 0), "cpu_us": ("CPU us each", 0)}
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


def save(part: str, found: Mapping[str, Any]) -> None:
    """The other part stays as it was measured; each carries its own machine and time."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**results, part: found}, indent=1) + "\n")


def table(found: Mapping[str, Any], columns: Mapping[str, tuple[str, int]]) -> str:
    """A Markdown table: median (lowest to highest), and how many times as fast ours is."""
    lines = [
        "| | " + " | ".join([title for title, _ in columns.values()] + ["ours is"]) + " |",
        "|---" * (len(columns) + 2) + "|",
    ]
    ours = statistics.median(run["per_s"] for run in found["runs"][OURS])
    for name, runs in found["runs"].items():
        cells = [_cell([run[key] for run in runs], digits) for key, (_, digits) in columns.items()]
        ratio = ours / statistics.median(run["per_s"] for run in runs)
        lines.append("| " + " | ".join([name, *cells, "" if name == OURS else f"{ratio:.2f}x"]) + " |")
    return "\n".join(lines)


def about(machine: Mapping[str, Any]) -> str:
    versions = {**machine["peers"], **machine["ours"]}
    idle = "idle before" if machine["idle"] else "NOT IDLE before: rough figures"
    return (
        f"{machine['cores']} cores ({machine['processor']}), {machine['system']}, Python {machine['python']}, "
        f"{machine['broker']}; load average {machine['load_1min_before']}, {idle}\n"
        + ", ".join(f"{name} {version}" for name, version in versions.items())
    )


def _cell(figures: Sequence[float], digits: int) -> str:
    median, low, high = statistics.median(figures), min(figures), max(figures)
    return f"{median:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"
