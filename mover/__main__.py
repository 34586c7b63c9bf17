"""Moves each invoice to its folder with DocSpace's API, and verifies that it arrived."""

import functools
import os
import sys
import time
from typing import Annotated

from pydantic import Field

from mover import dead_letters
from mover.grouped import GroupedPortal
from mover.handler import handle
from mover.ports import Ports
from shared.amqp.progress import Progress
from shared.docspace.client import Client
from shared.docspace.limits import MOVERS_READ, MOVERS_WRITE, UNTOLD, Limits
from shared.docspace.probe import PortalProbe
from shared.docspace.watch import hearing, standstill
from shared.process.cli import settings_or_exit
from shared.process.configuration import configuration
from shared.process.live_rules import LiveRules, RuledDatabase
from shared.process.logs import configure_logs
from shared.process.looking import looking
from shared.process.settings import LedgerDatabase, Portal, Worker
from shared.rules.model import RuleSet
from shared.runtime.breaker import Breaker
from shared.runtime.by_hand import ByHand
from shared.runtime.health import Bounded
from shared.runtime.pause import Guard
from shared.store.ledger import Ledger
from shared.store.ledger.pruning import prune_in_background
from shared.threads.stop import Stop
from shared.wire.stages import MOVER
from shared.worker import process_name, run_worker

PROBES = 2
"""For the readiness probe and the breaker's probe: they do not wait behind the work."""

NEEDS = ("files:read", "files:write")
"""The permissions that the API key needs."""


class Settings(Worker, Portal, LedgerDatabase, RuledDatabase):
    """The rules are for the readiness checks alone. Where an invoice goes, the event says."""

    worker_concurrency: Annotated[int, Field(ge=1, le=1024, description="messages handled at once")] = 768
    """These threads wait together for a few calls. All invoices in hand can be moved at once."""


def main() -> int:
    settings = settings_or_exit(Settings, MOVER.name, __doc__ or "", sys.argv[1:], os.environ)
    configure_logs(MOVER.name, level=settings.log_level, log_format=settings.log_format)
    breaker = Breaker()
    limits = Limits(MOVERS_READ, MOVERS_WRITE)
    client = functools.partial(
        Client,
        settings.docspace_api_host,
        settings.docspace_api_key.get_secret_value(),
        heard=hearing(breaker, *NEEDS),
        ca_file=settings.tls_ca_file,
    )
    progress = Progress()
    heard = hearing(breaker, *NEEDS, answered=progress.made)
    portal = client(pool_size=limits.most, turn=limits.turn, heard=heard)
    for_probes = client(pool_size=PROBES)
    probe = PortalProbe(for_probes, [], needs=NEEDS)
    live = LiveRules(settings, functools.partial(_look_at_destinations, probe))
    probe.start()
    ledger = Ledger(settings.database_url.get_secret_value(), owner=process_name(MOVER.name))
    guard = Guard(breaker, functools.partial(standstill, for_probes, *NEEDS))
    stop = Stop()
    prune_in_background(ledger, settings.ledger_keep_days, stop.wait)
    grouped = GroupedPortal(portal, time.time, stop.wait)

    def share_among(movers: int) -> None:
        limits.share_among(movers)
        grouped.share_among(movers)

    grouped.share_among(UNTOLD)
    ports = Ports(settings.portal_host, grouped, ledger, time.time, stop.wait)
    return run_worker(
        MOVER,
        settings,
        functools.partial(handle, ports=ports),
        stop,
        {
            "portal": probe.check,
            "intake": guard.check,
            "limits": limits.check,
            "ledger": Bounded(ledger.check, "the ledger's database"),
            "rules": live.check,
        },
        configuration=lambda: configuration(live.rules, settings.docspace_api_host),
        guard=guard,
        by_hand=ByHand(looking(settings.database_url.get_secret_value(), MOVER.name, live)),
        share_among=share_among,
        on_settled=functools.partial(dead_letters.remember, ledger),
        progress=progress,
    )


def _look_at_destinations(probe: PortalProbe, rules: RuleSet) -> None:
    probe.ask_about([], [(rule.destination, f"destination of rule {rule.name}") for rule in rules.enabled])


if __name__ == "__main__":
    raise SystemExit(main())
