"""`python -m tests.chaos`: uploads while everything is killed, frozen and cut; nothing may be lost or done twice.

Runs the real workers against a real RabbitMQ, a real PostgreSQL and the simulated portal, breaks all of them by a
seeded plan, lets them settle, and compares every upload with what the portal and the mailbox hold. Exit code 0 only
if nothing was lost, moved twice, announced twice or left dead.
"""

import argparse
import contextlib
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"  # before testcontainers reads it

from bench.machine import summary
from demo.broker import find_rabbitmq
from demo.engine import engine_answers
from tests.chaos.plan import LANES, acts, uploads, zone
from tests.chaos.run import run
from tests.chaos.site import running_site
from tests.chaos.table import faults, table
from tests.support.brokers import Broker, container_broker, private_broker
from tests.support.databases import Database, container_database, find_postgres, private_database

INTERRUPTED = 130
SETTLE_S = 600.0
PATIENCE_S = 45.0


def main() -> int:
    arguments = _arguments()
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell's background job ignores SIGINT otherwise
        signal.signal(number, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:4.0f} s  {text}", flush=True)

    print(f"seed {arguments.seed}, {arguments.events} uploads at {arguments.rate:g}/s; logs: {folder}")
    print(summary(), flush=True)
    try:
        with contextlib.ExitStack() as stack:
            say("starting RabbitMQ, PostgreSQL, the portal and the workers")
            if arguments.broker == "private":
                broker: Broker = stack.enter_context(private_broker())
            else:
                broker = stack.enter_context(container_broker())
            programs = find_postgres()
            if engine_answers():
                ledger: Database = stack.enter_context(container_database())
            elif programs is not None:
                ledger = stack.enter_context(private_database(programs))
            else:
                print(
                    "chaos: no PostgreSQL: start a container engine or `apt-get install postgresql`",
                    file=sys.stderr,
                )
                return 2
            say(f"RabbitMQ: {broker.kind}, PostgreSQL: {ledger.kind}")
            offset = zone(arguments.seed)
            site = stack.enter_context(running_site(broker, broker.amqp_url, ledger, folder, zone=offset))
            say(f"the portal's time zone is {offset}")
            result = run(
                site,
                uploads(arguments.seed, arguments.events),
                {lane: acts(arguments.seed, lane) for lane in LANES},
                per_s=arguments.rate,
                say=say,
                settle_s=SETTLE_S,
                patience_s=PATIENCE_S,
                sweeps=True,
            )
            say("done")
    except KeyboardInterrupt:
        shutil.rmtree(folder)
        say(f"interrupted; everything is stopped. Again with CHAOS_SEED={arguments.seed}")
        return INTERRUPTED
    print(f"\n{table(result)}\n")
    if result.verdict.faults:
        print(f"FAILED; CHAOS_SEED={arguments.seed}, logs in {folder}\n{faults(result)}")
        return 1
    shutil.rmtree(folder)
    print("passed")
    return 0


def _arguments() -> argparse.Namespace:
    environ = os.environ
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--events", type=int, default=int(environ.get("CHAOS_EVENTS") or 2000), help="CHAOS_EVENTS, uploads (2000)"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=int(environ.get("CHAOS_SEED") or secrets.randbelow(1_000_000)),
        help="CHAOS_SEED; the same seed plans the same run (random, and printed)",
    )
    parser.add_argument(
        "--rate", type=float, default=float(environ.get("CHAOS_RATE") or 20), help="CHAOS_RATE, uploads/s (20)"
    )
    parser.add_argument(
        "--broker",
        choices=("private", "container"),
        default=environ.get("CHAOS_BROKER") or ("private" if find_rabbitmq() else "container"),
        help="CHAOS_BROKER; a node of the system's package where there is one, else a container",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
