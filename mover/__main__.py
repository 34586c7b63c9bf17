"""Files each invoice in its folder through DocSpace's move API, and proves that it is there."""

import functools
import os
import sys
import time

from mover.handler import Ports, handle
from shared.breaker import Breaker
from shared.cli import settings_or_exit
from shared.docspace.client import Client
from shared.docspace.probe import PortalProbe
from shared.docspace.watch import hearing, sign_of_life
from shared.guard import Guard
from shared.health import Bounded
from shared.housekeeping import prune_in_background
from shared.ledger import Ledger
from shared.logs import configure_logs
from shared.settings import LedgerDatabase, Portal, Rules, Worker
from shared.stages import MOVER
from shared.worker import Stop, process_name, run_worker


class Settings(Worker, Portal, LedgerDatabase, Rules):
    """The rules are for the check at the start alone; where an invoice goes, the event says."""


def main() -> int:
    settings = settings_or_exit(Settings, MOVER, __doc__ or "", sys.argv[1:], os.environ)
    configure_logs(MOVER, level=settings.log_level, log_format=settings.log_format)
    breaker = Breaker()
    portal = Client(
        settings.docspace_api_host,
        settings.docspace_api_key.get_secret_value(),
        pool_size=settings.worker_concurrency,
        heard=hearing(breaker),
    )
    destinations = [(rule.destination, f"destination of rule {rule.name}") for rule in settings.rules().enabled]
    probe = PortalProbe(portal, [], destinations=destinations)
    probe.start()
    ledger = Ledger(settings.database_url.get_secret_value(), owner=process_name(MOVER))
    guard = Guard(breaker, functools.partial(sign_of_life, portal))
    stop = Stop()
    prune_in_background(ledger, settings.ledger_keep_days, stop.wait)
    ports = Ports(settings.portal_name, portal, ledger, time.time, stop.wait)
    return run_worker(
        MOVER,
        settings,
        functools.partial(handle, ports=ports),
        stop,
        {"portal": probe.check, "intake": guard.check, "ledger": Bounded(ledger.check, "the ledger's database")},
        guard=guard,
    )


if __name__ == "__main__":
    raise SystemExit(main())
