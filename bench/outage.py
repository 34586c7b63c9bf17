"""`python -m bench.outage`: the broker is down for minutes while webhooks come steadily; what becomes of each.

Every webhook is of a file that was really uploaded to the simulated portal. It counts as processed when the portal
holds the move and the mailbox the mail: by their own records, not by ours. Exits with 1 unless every webhook was
answered 200 within a second and every file was moved once and announced once.
"""

import argparse
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import requests

from bench.machine import summary
from bench.pipeline import Pipeline, pipeline
from bench.uploads import Load, Sent, title_in
from demo.broker import Cluster, Node

EDGE_S = 5.0
"""Webhooks come for so long before the broker goes, and after it is back."""
LIMIT_S = 1.0
CONCURRENCY = "32"
"""A handler waits for the portal most of its time; more would have the two cores wait for each other."""
STALLED_S = 150.0
"""Nothing new for so long and nothing more will come: a move whose answer is lost is looked at again after 60 s."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.outage", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="length of the outage (default 10)")
    parser.add_argument("--rate", type=float, default=20, help="webhooks a second (default 20)")
    parser.add_argument("--logs", type=Path, help="keep the processes' logs in this folder")
    arguments = parser.parse_args()
    print(summary(), flush=True)
    with tempfile.TemporaryDirectory() as folder, Cluster(1) as cluster:
        logs: Path = arguments.logs or Path(folder)
        logs.mkdir(parents=True, exist_ok=True)
        with pipeline(cluster.nodes[0].amqp_url, logs, more={"WORKER_CONCURRENCY": CONCURRENCY}) as running:
            return _measure(running, cluster.nodes[0], arguments.minutes * 60, arguments.rate)


def _measure(running: Pipeline, broker: Node, outage_s: float, rate: float) -> int:
    load = Load(running, rate)
    time.sleep(EDGE_S)
    print(f"the broker is stopped for {outage_s:,.0f} s, {rate:g} webhooks a second", flush=True)
    broker.stop()
    down_at = time.monotonic()
    while (left_s := down_at + outage_s - time.monotonic()) > 0:
        time.sleep(min(left_s, 60.0))
        print(f"  {time.monotonic() - down_at:,.0f} s: {running.spooled():,} in the spool", flush=True)
    spooled = running.spooled()
    broker.start()
    back_at = time.monotonic()
    print(f"the broker is back after {back_at - down_at:,.0f} s", flush=True)
    time.sleep(EDGE_S)
    sent = load.end()
    drained_s = _wait(lambda: -running.spooled(), lambda: 0, back_at)
    processed_s = _wait(running.mails, lambda: len(sent), back_at)
    return _report(running, sent, spooled, drained_s, processed_s)


def _wait(count: Callable[[], int], wanted: Callable[[], int], since: float) -> float:
    """Seconds since `since` when `count` reached what is wanted, or stopped rising."""
    best, risen_at = count(), time.monotonic()
    while best < wanted() and time.monotonic() - risen_at < STALLED_S:
        time.sleep(0.5)
        if (now := count()) > best:
            best, risen_at = now, time.monotonic()
    return risen_at - since


def _report(running: Pipeline, sent: list[Sent], spooled: int, drained_s: float, processed_s: float) -> int:
    state = running.state()
    titles = {one.title for one in sent}
    moves = Counter(move["title"] for move in state["moves"])
    mails = Counter(map(title_in, state["mails"]))
    took_s = sorted(one.took_s for one in sent)
    answered = sum(one.status == requests.codes.ok for one in sent)
    processed = sum(moves[title] == 1 and mails[title] == 1 for title in titles)
    lost = sum(moves[title] == 0 or mails[title] == 0 for title in titles)
    twice = sum(moves[title] > 1 or mails[title] > 1 for title in titles)
    left = running.spooled()
    print(f"\n  webhooks                 {len(sent):,}")
    print(f"  answered 200             {answered:,}")
    p99_s = statistics.quantiles(took_s, n=100)[98]
    print(f"  answer time              p99 {p99_s * 1000:,.0f} ms, longest {took_s[-1] * 1000:,.0f} ms")
    print(f"  in the spool at the end of the outage {spooled:,}, left now {left:,}, drained in {drained_s:,.1f} s")
    print(f"  moved and announced once {processed:,}, in {processed_s:,.0f} s after the broker was back")
    print(f"  lost                     {lost:,}")
    print(f"  moved or announced twice {twice:,}")
    good = answered == processed == len(sent) and took_s[-1] <= LIMIT_S and not left
    print("as it must be" if good else "NOT as it must be", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
