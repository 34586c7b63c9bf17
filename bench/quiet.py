"""`python -m bench.quiet`: an upload every few seconds, through the whole pipeline: most portals, most of the time.

The portal takes as long as a real server took, and posts both webhooks of an upload itself. What it was asked is by
its own record, the workers' probes among it; when an invoice was stated as filed is by the broker's delivery.
Exits with 1 unless every upload was moved once and stated as filed once.
"""

import argparse
import time
from collections import Counter
from dataclasses import dataclass

from bench import detected, portal_pace
from bench.asked import after_the_last, asked
from bench.mover import delays
from bench.part import ground, options
from bench.pipeline import Pipeline, pipeline
from bench.report import markdown, p, save, section
from bench.seen import Seen
from shared.wire.events import InvoiceFiled, decode

STALLED_S = 60.0
LAST_CALLS_S = 20.0
SETTLED_S = 3.0
"""After the workers are ready: they have looked at the portal."""


@dataclass(frozen=True, slots=True)
class QuietFigures:
    requests: float
    """For an upload; `reads` and `writes` are its parts."""
    reads: float
    writes: float
    requests_s: float
    operations_s: float
    busy_s: float
    filed_p50_s: float
    """From the upload's end to the broker's delivery of the statement that it is filed."""
    filed_p95_s: float
    after_p50_s: float
    """Of that, from the moment at which the file lay in its place."""
    after_max_s: float


def main() -> int:
    parser = options("quiet", __doc__)
    parser.add_argument("--uploads", type=int, default=50, help="default 50")
    parser.add_argument("--every", type=float, default=3.0, help="seconds from one to the next (default 3)")
    portal_pace.add_options(parser, latency_ms=0, latencies=portal_pace.SEEN)
    arguments = parser.parse_args()
    more = portal_pace.settings(arguments)
    with ground(arguments) as here, pipeline(here.url, here.logs, sends=True, more=more) as running:
        figures = _run(running, here.url, arguments)
    found = section({"quiet": [figures]}, here.machine, portal=portal_pace.said(arguments))
    save("quiet", found, arguments.results)
    print(f"{arguments.uploads} uploads, one every {arguments.every:g} s, {portal_pace.said(arguments)}\n")
    print(_table(figures), flush=True)
    return 0


def _run(running: Pipeline, url: str, arguments: argparse.Namespace) -> QuietFigures:
    time.sleep(SETTLED_S)
    before = asked(running.portal)
    uploaded: dict[int, float] = {}
    with Seen(url, InvoiceFiled.routing_key) as seen:
        began = time.monotonic()
        for number in range(arguments.uploads):
            time.sleep(max(0.0, began + number * arguments.every - time.monotonic()))
            (file_id,) = detected.upload(running.portal, [number])
            uploaded[file_id] = time.time()
        _wait(seen, arguments.uploads)
        cost = after_the_last(running.portal, LAST_CALLS_S).since(before).for_one_of(arguments.uploads)
        filed = seen.all()
    moves = running.state()["moves"]
    ids = [decode(each.body, InvoiceFiled).file_id for each in filed]
    once = Counter(dict.fromkeys(uploaded, 1))
    if Counter(ids) != once or Counter(move["file_id"] for move in moves) != once:
        raise RuntimeError(f"not each moved and filed once: {len(uploaded)}, {len(moves)} moves, {len(ids)} filed")
    after_s = delays(moves, filed)
    filed_s = [each.at - uploaded[int(file_id)] for each, file_id in zip(filed, ids, strict=True)]
    return QuietFigures(
        requests=cost.reads + cost.writes,
        reads=cost.reads,
        writes=cost.writes,
        requests_s=cost.requests_s,
        operations_s=cost.operations_s,
        busy_s=cost.busy_s,
        filed_p50_s=p(0.5, filed_s),
        filed_p95_s=p(0.95, filed_s),
        after_p50_s=p(0.5, after_s),
        after_max_s=max(after_s),
    )


def _wait(seen: Seen, count: int) -> None:
    """Until so many were filed; RuntimeError once no further one was for a while."""
    filed, risen_at = 0, time.monotonic()
    while filed < count:
        if len(seen) > filed:
            filed, risen_at = len(seen), time.monotonic()
        if time.monotonic() - risen_at > STALLED_S:
            raise RuntimeError(f"{filed} of {count} were filed, and nothing for {STALLED_S:.0f} s")
        time.sleep(0.05)


COLUMNS = {
    "requests": ("requests an upload", "{:.2f}"),
    "reads": ("reads", "{:.2f}"),
    "writes": ("writes", "{:.2f}"),
    "requests_s": ("portal's s on requests", "{:.2f}"),
    "operations_s": ("on moves", "{:.2f}"),
    "filed_p50_s": ("upload to filed, p50 s", "{:.2f}"),
    "filed_p95_s": ("p95", "{:.2f}"),
    "after_p50_s": ("in its place to filed, p50 s", "{:.3f}"),
    "after_max_s": ("longest", "{:.3f}"),
}


def _table(figures: QuietFigures) -> str:
    row = [shape.format(getattr(figures, key)) for key, (_, shape) in COLUMNS.items()]
    return markdown([title for title, _ in COLUMNS.values()], [row])


if __name__ == "__main__":
    raise SystemExit(main())
