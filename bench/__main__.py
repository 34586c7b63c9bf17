"""`python -m bench`: measures this product beside a peer, in one run on one machine, against a private RabbitMQ.

Absolute figures depend on the machine and on what else it does; the ratios say more.
"""

import argparse
import statistics

from bench import ingress, worker
from bench.machine import machine, summary
from demo.broker import Cluster
from demo.ports import free_port


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="alternating runs of each (default 3)")
    parser.add_argument("--messages", type=int, default=10_000, help="messages a worker run (default 10,000)")
    parser.add_argument("--seconds", type=float, default=5, help="length of an ingress run (default 5)")
    arguments = parser.parse_args()
    print(machine(), flush=True)
    print("starting a private RabbitMQ …", flush=True)
    with Cluster(1) as cluster:
        url = cluster.nodes[0].amqp_url
        _worker(url, arguments.runs, arguments.messages)
        _ingress(url, arguments.runs, arguments.seconds)
    return 0


def _worker(url: str, runs: int, messages: int) -> None:
    figures: dict[str, list[float]] = {"this product": [], "pika BlockingConnection": []}
    for _ in range(runs):
        for name, measure in (("this product", worker.ours), ("pika BlockingConnection", worker.blocking)):
            worker.fill(url, messages)
            figures[name].append(measure(url, messages))
            print(f"  worker, {name}: {figures[name][-1]:,.0f} messages/s", flush=True)
    ours, peer = figures.values()
    print(f"\nworker runtime, messages/s, median of {runs} (range)")
    for name, rates in figures.items():
        print(f"  {name:<26}{summary(rates)}")
    print(f"  ratio                     {statistics.median(ours) / statistics.median(peer):.1f}\n", flush=True)


def _ingress(url: str, runs: int, seconds: float) -> None:
    port = free_port()
    posts: list[float] = []
    gets: list[float] = []
    p99_ms: list[float] = []
    with ingress.ingress(url, port):
        for _ in range(runs):
            took = ingress.posts(port, seconds)
            posts.append(len(took) / seconds)
            p99_ms.append(statistics.quantiles(took, n=100)[98] * 1000)
            gets.append(len(ingress.gets(port, seconds)) / seconds)
            print(f"  ingress: {posts[-1]:,.0f} posts/s, no-op {gets[-1]:,.0f}/s", flush=True)
    print(f"\ningress, {ingress.CONNECTIONS} connections, requests/s, median of {runs} (range)")
    print(f"  confirmed posts           {summary(posts)}; p99 {summary(p99_ms)} ms")
    print(f"  no-op on the same server  {summary(gets)}")
    print(f"  ratio                     {statistics.median(posts) / statistics.median(gets):.2f}")


if __name__ == "__main__":
    raise SystemExit(main())
