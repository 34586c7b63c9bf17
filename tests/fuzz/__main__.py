"""`python -m tests.fuzz`: hostile connections against the ingress, and the portal's own posts in between.

Runs the real ingress on each of its HTTP servers against a real RabbitMQ. Exit code 0 only if no answer was a 5xx
but the documented 503, a 410 or a redirect, each legitimate event is in the broker, none of them waited long, and
the ingress neither grew nor ended. With `--pipelined` one client sends so many posts at once instead.
"""

import argparse
import os
import secrets
import shutil
import tempfile
from pathlib import Path

os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"  # before testcontainers reads it

from bench.machine import summary
from demo.broker import find_rabbitmq
from tests.fuzz import pipelined
from tests.fuzz.run import Limits, Result, run
from tests.support.brokers import container_broker, private_broker
from tests.support.ingress import SERVERS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="random, and printed")
    parser.add_argument("--connections", type=int, default=10_000, help="hostile ones for each server (10,000)")
    parser.add_argument("--posts", type=int, default=1_000, help="legitimate ones for each server (1,000)")
    parser.add_argument("--server", choices=[*SERVERS, "both"], default="both")
    parser.add_argument("--only", type=int, help="the number of one hostile connection, to play it alone")
    parser.add_argument("--pipelined", type=int, help="so many posts on one connection, and nothing else")
    chosen = parser.parse_args()
    connections = range(chosen.connections) if chosen.only is None else range(chosen.only, chosen.only + 1)
    if chosen.pipelined is None:
        print(f"seed {chosen.seed}, {len(connections)} hostile connections, {chosen.posts} posts", flush=True)
    print(summary(), flush=True)
    failed = False
    with private_broker() if find_rabbitmq() else container_broker() as broker:
        for server in SERVERS if chosen.server == "both" else [chosen.server]:
            folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{server}-"))
            if chosen.pipelined is None:
                result: Result | pipelined.Result = run(
                    broker, server, folder, seed=chosen.seed, connections=connections, posts=chosen.posts,
                    limits=Limits(),
                )  # fmt: skip
            else:
                result = pipelined.run(broker, server, folder, chosen.pipelined)
            print(result, flush=True)
            if result.faults:
                failed = True
                print(f"FAILED, logs in {folder}", *result.faults[:20], sep="\n  ", flush=True)
            else:
                shutil.rmtree(folder)
    print("FAILED" if failed else "passed")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
