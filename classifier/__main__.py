"""Decides by the rules which webhooks are invoices: by trigger, room and title."""

import functools
import os
import sys
from typing import Annotated

from pydantic import Field

from classifier.handler import Ports, handle
from shared.amqp.progress import Progress
from shared.deciding.managers import Managers
from shared.docspace.client import Client
from shared.docspace.limits import CLASSIFIERS_READ, Limits
from shared.docspace.members import Members
from shared.docspace.probe import PortalProbe
from shared.docspace.watch import hearing, standstill
from shared.process.cli import settings_or_exit
from shared.process.configuration import configuration
from shared.process.live_rules import LiveRules, RuledDatabase
from shared.process.logs import configure_logs
from shared.process.settings import Portal, Worker
from shared.rules.model import RuleSet
from shared.runtime.breaker import Breaker
from shared.runtime.by_hand import ByHand
from shared.runtime.pause import Guard
from shared.store.actions.pauses import looking
from shared.wire.stages import CLASSIFIER
from shared.worker import Stop, run_worker

PREFETCH_EACH = 32
"""How many messages are in hand for each one that is handled: most are decided before the broker has sent the
next."""

PROBES = 2
"""For the readiness probe and the breaker's probe: they do not wait behind the work."""
NEEDS = ("files:read",)
"""The permissions that the API key needs."""


class Settings(Worker, Portal, RuledDatabase):
    worker_concurrency: Annotated[int, Field(ge=1, le=1024, description="messages handled at once")] = 16


def main() -> int:
    settings = settings_or_exit(Settings, CLASSIFIER.name, __doc__ or "", sys.argv[1:], os.environ)
    configure_logs(CLASSIFIER.name, level=settings.log_level, log_format=settings.log_format)
    limits = Limits(CLASSIFIERS_READ)
    breaker = Breaker()
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
    managers = Managers(Members(portal).managers)
    for_probes = client(pool_size=PROBES)
    probe = PortalProbe(for_probes, [], needs=NEEDS)

    def ports_for(rules: RuleSet) -> Ports:
        """With a memory of their own: what is remembered of hidden folders is so for these rules' rooms."""
        probe.ask_about([(room, f"room of rule {rule.name}") for rule in rules.enabled for room in rule.rooms])
        return Ports(rules, portal, managers=managers)

    live = LiveRules(settings, ports_for)
    probe.start()
    guard = Guard(breaker, functools.partial(standstill, for_probes, *NEEDS))
    stop = Stop()
    live.start(stop.wait)
    return run_worker(
        CLASSIFIER,
        settings,
        lambda message: handle(message, live.now()),
        stop,
        {"portal": probe.check, "intake": guard.check, "limits": limits.check, "rules": live.check},
        configuration=lambda: configuration(live.rules, settings.docspace_api_host),
        prefetch=PREFETCH_EACH * settings.worker_concurrency,
        guard=guard,
        by_hand=ByHand(looking(settings.database_url.get_secret_value(), CLASSIFIER.name)),
        share_among=limits.share_among,
        progress=progress,
    )


if __name__ == "__main__":
    raise SystemExit(main())
