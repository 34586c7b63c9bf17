"""`python -m bench.latency`: from an invoice's webhook to its mail, on an idle system and at a steady rate.

The portal answers at once and a move takes it no time. A webhook's moment is the one at which it left; that of the
move is the portal's own record and that of the mail the mailbox's, so nothing that is measured tells its own time.
Exits with 1 unless every invoice was announced once.
"""

import argparse
import dataclasses
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.beside import beside
from bench.depths import Depths
from bench.part import ground, options
from bench.pipeline import Pipeline, pipeline
from bench.proc import cpu_s
from bench.report import epoch, markdown, p, save, section
from bench.tidying import tidy
from bench.uploads import Load, Sent, check_once, title_in

IDLE_PER_S = 4.0
"""The one is announced long before the next comes."""
WARM_UP = 10
STALLED_S = 30.0
HOLDS_P99_S = 1.0
SLOWER = 0.8
HOPELESS_S = 15.0
"""So far behind, a rate is given up: it does not hold."""
LOOK_EVERY_S = 0.25
IDLE, STEADY = "idle", "steady"


@dataclass(frozen=True, slots=True)
class LatencyFigures:
    load: str
    per_s: float
    invoices: int
    filed_p50_ms: float
    filed_p99_ms: float
    mail_p50_ms: float
    mail_p99_ms: float
    longest_ms: float
    answer_p99_ms: float
    """From the webhook to the ingress's answer."""
    deepest: int
    """Messages that waited at once in a worker's queue, at most."""
    growth_per_min: float
    cpu_ms: dict[str, float]
    """Of each process, for an invoice; "load" is what uploads, posts and looks."""

    @property
    def holds(self) -> bool:
        """Within the limit, and what waits at the end is no more than a second's uploads."""
        return self.mail_p99_ms < HOLDS_P99_S * 1000 and self.growth_per_min < self.per_s


def main() -> int:
    parser = options("latency", __doc__)
    parser.add_argument("--invoices", type=int, default=400, help="on the idle system (default 400)")
    parser.add_argument("--rate", type=float, default=100, help="uploads a second (default 100)")
    parser.add_argument("--seconds", type=float, default=300, help="of the steady rate (default 300)")
    parser.add_argument(
        "--search-seconds",
        type=float,
        default=60,
        help="of each slower rate, if that does not hold (default 60; 0: none is tried)",
    )
    arguments = parser.parse_args()
    with ground(arguments) as here, pipeline(here.url, here.logs, operation_ms=0) as running:
        measured = _measure(running, here.url, arguments)
    runs = {f"{each.load}, {each.per_s:g}/s": [each] for each in measured}
    save("latency", section(runs, here.machine), arguments.results)
    print(f"\nfrom webhook to mail\n\n{_table(measured)}\n", flush=True)
    print(_cpu_table(measured), flush=True)
    return 0


def _measure(running: Pipeline, url: str, arguments: argparse.Namespace) -> list[LatencyFigures]:
    sent = min(WARM_UP, arguments.invoices)
    _run(running, url, IDLE, IDLE_PER_S, sent, first=0)  # templates, connections
    measured = [_run(running, url, IDLE, IDLE_PER_S, arguments.invoices, first=sent)]
    sent += arguments.invoices
    rate, seconds = arguments.rate, arguments.seconds
    while True:
        count = round(rate * seconds)
        measured.append(_run(running, url, STEADY, rate, count, first=sent))
        if measured[-1].holds or rate < IDLE_PER_S or not arguments.search_seconds:
            return measured
        sent += measured[-1].invoices
        rate, seconds = round(rate * SLOWER, 1), arguments.search_seconds


def _run(running: Pipeline, url: str, load: str, rate: float, count: int, *, first: int) -> LatencyFigures:
    before = _cpu_s(running)
    uploads = Load(running, rate, first=first, most=count)
    depths = Depths(url)
    with beside(depths.watch), beside(lambda over: tidy(running, uploads, over)):
        while not uploads.done and depths.deepest < rate * HOPELESS_S:
            time.sleep(LOOK_EVERY_S)
        sent = uploads.end()
    lasted_s = sent[-1].at - sent[0].at
    running.wait_for_mails(first + len(sent), STALLED_S)
    cpu_ms = {name: (now - before[name]) * 1000 / len(sent) for name, now in _cpu_s(running).items()}
    figures = _figures(running, sent, depths, load=load, per_s=rate, cpu_ms=cpu_ms)
    reached = len(sent) / lasted_s if lasted_s else rate
    print(f"  {load}, {rate:g}/s ({reached:.1f}/s left in time): {_row(figures)}", flush=True)
    spent = ", ".join(f"{name} {ms:.1f}" for name, ms in cpu_ms.items())
    print(f"    CPU ms an invoice: {spent}", flush=True)
    print(f"    waiting, over time: {depths.drawn()}", flush=True)
    return figures


def _figures(running: Pipeline, sent: Sequence[Sent], depths: Depths, **known: Any) -> LatencyFigures:
    state = running.state()
    moved = {move["title"]: epoch(move["at"]) for move in state["moves"]}
    mailed = {title_in(mail): epoch(mail["at"]) for mail in state["mails"]}
    check_once(sent, state["mails"])
    filed_s = [moved[one.title] - one.at for one in sent]
    mail_s = [mailed[one.title] - one.at for one in sent]
    return LatencyFigures(
        invoices=len(sent),
        filed_p50_ms=p(0.5, filed_s) * 1000,
        filed_p99_ms=p(0.99, filed_s) * 1000,
        mail_p50_ms=p(0.5, mail_s) * 1000,
        mail_p99_ms=p(0.99, mail_s) * 1000,
        longest_ms=max(mail_s) * 1000,
        answer_p99_ms=p(0.99, [one.took_s for one in sent]) * 1000,
        deepest=depths.deepest,
        growth_per_min=depths.growth_per_min,
        **known,
    )


def _cpu_s(running: Pipeline) -> dict[str, float]:
    return {name: cpu_s(pid) for name, pid in running.pids.items()} | {"load": time.process_time()}


COLUMNS = {
    "invoices": ("invoices", "{:,.0f}"),
    "answer_p99_ms": ("answered, p99 ms", "{:,.0f}"),
    "filed_p50_ms": ("filed, p50 ms", "{:,.0f}"),
    "filed_p99_ms": ("p99", "{:,.0f}"),
    "mail_p50_ms": ("mail, p50 ms", "{:,.0f}"),
    "mail_p99_ms": ("p99", "{:,.0f}"),
    "longest_ms": ("longest", "{:,.0f}"),
    "deepest": ("most that waited", "{:,.0f}"),
    "growth_per_min": ("growth a minute", "{:+,.1f}"),
}


def _row(figures: LatencyFigures) -> str:
    return ", ".join(f"{title} {shape.format(value)}" for (title, shape), value in _values(figures))


def _table(measured: Sequence[LatencyFigures]) -> str:
    rows = (
        [f"{each.load}, {each.per_s:g}/s", *(shape.format(value) for (_, shape), value in _values(each))]
        for each in measured
    )
    return markdown(["load", *(title for title, _ in COLUMNS.values())], rows)


def _cpu_table(measured: Sequence[LatencyFigures]) -> str:
    header = ["CPU ms an invoice", *measured[0].cpu_ms]
    rows = ([f"{each.load}, {each.per_s:g}/s", *(f"{ms:.1f}" for ms in each.cpu_ms.values())] for each in measured)
    return markdown(header, rows)


def _values(figures: LatencyFigures) -> list[tuple[tuple[str, str], float]]:
    found = dataclasses.asdict(figures)
    return [(column, found[key]) for key, column in COLUMNS.items()]


if __name__ == "__main__":
    raise SystemExit(main())
