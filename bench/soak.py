"""`python -m bench.soak`: a steady load for a long time, and whether the workers' memory and queues stay flat.

Each process's resident memory is read from the kernel every few seconds; the slope is by least squares over what
follows the first tenth of the time, in which caches and pools fill. Exits with 1 unless every invoice was announced
once.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bench.beside import beside
from bench.depths import Depths
from bench.part import ground, options
from bench.pipeline import WORKERS, Pipeline, pipeline
from bench.proc import resident_mb
from bench.report import markdown, p, save, section, slope
from bench.tidying import tidy
from bench.uploads import Load, check_once, title_in

SAMPLES = 360
"""Over the whole time: one each 10 s of an hour."""
LEAST_EVERY_S = 0.5
SETTLED = 0.1
"""The share of the time in which memory may grow: pools, caches, the allocator's own arenas."""
STALLED_S = 60.0
SAID_EVERY = 12
"""Samples."""


@dataclass(frozen=True, slots=True)
class SoakFigures:
    start_mb: float
    end_mb: float
    highest_mb: float
    mb_per_hour: float


def main() -> int:
    parser = options("soak", __doc__)
    parser.add_argument("--minutes", type=float, default=60, help="(default 60)")
    parser.add_argument("--rate", type=float, default=100, help="uploads a second (default 100)")
    arguments = parser.parse_args()
    with ground(arguments) as here, pipeline(here.url, here.logs, operation_ms=0) as running:
        figures, depths, waited_s = _soak(running, here.url, arguments.minutes * 60, arguments.rate)
    settings = {"minutes": arguments.minutes, "rate": arguments.rate, "queues_per_min": depths.growth_per_min}
    runs = {name: [each] for name, each in figures.items()}
    save("soak", section(runs, here.machine, **settings), arguments.results)
    print(f"\n{arguments.minutes:g} minutes at {arguments.rate:g} uploads a second\n\n{_table(figures)}")
    print(f"\nqueues: at most {depths.deepest:,} waited in one, {depths.growth_per_min:+,.1f} a minute")
    print(f"from webhook to mail: p50 {p(0.5, waited_s) * 1000:,.0f} ms, p99 {p(0.99, waited_s) * 1000:,.0f} ms")
    return 0


def _soak(
    running: Pipeline, url: str, seconds: float, rate: float
) -> tuple[dict[str, SoakFigures], Depths, list[float]]:
    every_s = max(LEAST_EVERY_S, seconds / SAMPLES)
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in ("ingress", *WORKERS)}
    uploads = Load(running, rate)
    depths = Depths(url)
    with beside(depths.watch), beside(lambda over: tidy(running, uploads, over)):
        started = time.monotonic()
        while (passed_s := time.monotonic() - started) < seconds:
            for name, seen in samples.items():
                seen.append((passed_s / 3600, resident_mb(running.pids[name])))
            if len(samples["ingress"]) % SAID_EVERY == 1:
                held = ", ".join(f"{name} {seen[-1][1]:.1f}" for name, seen in samples.items())
                print(f"  {passed_s / 60:.1f} min: {held} MB", flush=True)
            time.sleep(every_s)
        sent = uploads.end()
    running.wait_for_mails(len(sent), STALLED_S)
    mails = running.state()["mails"]
    check_once(sent, mails)
    mailed = {title_in(mail): datetime.fromisoformat(mail["at"]).timestamp() for mail in mails}
    waited_s = [mailed[one.title] - one.at for one in sent]
    return {name: _figures(seen) for name, seen in samples.items()}, depths, waited_s


def _figures(seen: Sequence[tuple[float, float]]) -> SoakFigures:
    settled = seen[int(len(seen) * SETTLED) :]
    held = [mb for _, mb in settled]
    return SoakFigures(seen[0][1], held[-1], max(held), slope(settled))


def _table(figures: Mapping[str, SoakFigures]) -> str:
    rows = (
        [name, f"{each.start_mb:.1f}", f"{each.end_mb:.1f}", f"{each.highest_mb:.1f}", f"{each.mb_per_hour:+.2f}"]
        for name, each in figures.items()
    )
    return markdown(["worker", "MB at the start", "at the end", "highest", "MB an hour"], rows)


if __name__ == "__main__":
    raise SystemExit(main())
