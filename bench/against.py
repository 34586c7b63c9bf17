"""`python -m bench.against --base DIR --part PART`: this checkout beside another, by turns, with one bench.

DIR is a checkout of the version before; its workers run with this environment's packages. Load, simulated portal
and figures are this checkout's for both. What is no option here is the part's own: `--part latency --rate 10`.
"Fallen" is what is a tenth worse, and "better" a tenth better, in the whole interval of the ratios.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import product
from bench.machine import summary
from bench.ratios import Compared, compared, outside
from bench.report import markdown
from demo.broker import Cluster

_OURS = ["--ours", "--runs", "1"]
PARTS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "mover": (["bench.mover", "--runs", "1"], ["--latencies", "seen", "--invoices", "300", "--movers", "1"]),
    "quiet": (["bench.quiet"], ["--uploads", "10"]),
    "worker": (["bench", "--only", "worker", *_OURS], ["--messages", "8000", "--job", "every message"]),
    "ingress": (["bench", "--only", "ingress", *_OURS], ["--seconds", "1.5"]),
    "start": (["bench.start", "--runs", "1"], ["--settle", "0.5"]),
    "latency": (
        ["bench.latency"],
        ["--invoices", "20", "--rate", "20", "--seconds", "4", "--search-seconds", "0"],
    ),
}
"""How one run is started, and its size unless the options say another."""

MORE_IS_BETTER = frozenset({"per_s"})
NOT_COMPARED = frozenset(
    {"load", "invoices", "load_share", "reads_at_once", "writes_at_once", "portal_cpu_share"}
    | {"deepest", "growth_per_min"}
)
"""What says how it was measured, and what is around zero and has no ratio."""
LIMIT_S = 900.0

Figures = dict[str, float]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.against", description=__doc__)
    parser.add_argument("--base", type=Path, required=True, help="a checkout of the version before")
    parser.add_argument("--part", choices=tuple(PARTS), required=True)
    parser.add_argument("--runs", type=int, default=9, help="of each, by turns (default 9)")
    parser.add_argument("--broker", help="AMQP URL instead of a private node; OUR QUEUES ON IT ARE DELETED")
    parser.add_argument("--json", type=Path, help="every run's figures, for a look at them later")
    arguments, own = parser.parse_known_args()
    if not (arguments.base / "mover" / "__main__.py").exists():
        parser.error(f"{arguments.base} is no checkout of this product")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends with us
    print(summary(), flush=True)
    runs: dict[str, list[Figures]] = {"before": [], "after": []}
    with contextlib.ExitStack() as stack:
        url = arguments.broker or stack.enter_context(Cluster(1, plugins=())).nodes[0].amqp_url
        for number in range(1, arguments.runs + 1):
            for name, place in (("before", arguments.base.resolve()), ("after", product.ROOT)):
                began = time.monotonic()
                runs[name].append(_run(arguments.part, place, url, own))
                took_s, load = time.monotonic() - began, os.getloadavg()[0]
                print(f"  run {number}, {name}: {took_s:.0f} s (load average {load:.1f})", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(runs, indent=1) + "\n")
    print(f"\n{arguments.part}, {arguments.runs} runs of each by turns; {_said(arguments.runs)}\n")
    print(_table(runs), flush=True)
    return 0


def _run(part: str, place: Path, url: str, own: Sequence[str]) -> Figures:
    fixed, sizes = PARTS[part]
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        done = subprocess.run(
            [sys.executable, "-m", *fixed, "--broker", url, "--results", results, *sizes, *own],
            cwd=product.ROOT,
            env={**os.environ, product.VARIABLE: str(place)},
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_S,
        )
        if done.returncode:
            said = f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
            raise SystemExit(f"{part} on {place} ended with code {done.returncode}:\n{said}")
        return dict(_figures(json.loads(results.read_text())))


def _figures(results: Mapping[str, Any]) -> list[tuple[str, float]]:
    found = [
        (f"{name}: {key}", value)
        for section in results.values()
        for name, (figures,) in section["runs"].items()
        for key, value in figures.items()
    ]
    flat = [
        (f"{name} {inner}", number)
        for name, value in found
        for inner, number in (value.items() if isinstance(value, dict) else [("", value)])
    ]
    return [(name.strip(), number) for name, number in flat if _is_compared(name)]


def _is_compared(name: str) -> bool:
    return _key(name) not in NOT_COMPARED


def _key(name: str) -> str:
    """`per_s` of `this product: per_s`."""
    return name.rpartition(": ")[2].split()[0]


def _said(runs: int) -> str:
    left_out = outside(runs)
    if left_out is None:
        return "too few for an interval: the range is shown, and nothing is said"
    return f"ratio: its median, and from number {left_out + 1} to {runs - left_out} of the {runs} in their order"


def _table(runs: Mapping[str, Sequence[Figures]]) -> str:
    rows = []
    common = set.intersection(*(set(run) for each in runs.values() for run in each))
    for name in (name for name in runs["after"][0] if name in common):
        before, after = ([run[name] for run in runs[which]] for which in ("before", "after"))
        found = compared(before, after, more_is_better=_key(name) in MORE_IS_BETTER)
        rows.append([name, *_cells(found)])
    return markdown(["", "before", "after", "ratio", "interval", ""], rows)


def _cells(found: Compared) -> list[str]:
    return [
        f"{found.before:,.4g}",
        f"{found.after:,.4g}",
        f"{found.ratio:.2f}",
        f"{found.low:.2f} to {found.high:.2f}",
        found.verdict,
    ]


if __name__ == "__main__":
    raise SystemExit(main())
