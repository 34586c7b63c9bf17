"""Hands events on: sends each to the endpoints of the rules that ask for it, as a signed webhook."""

import os
import sys
from dataclasses import asdict
from functools import partial

from dispatcher.delivering import Delivering
from dispatcher.gate import Gate
from dispatcher.handler import Ports
from dispatcher.lane import Made
from dispatcher.lanes import Lanes, Standings
from shared.hooks.delivery import Courier
from shared.network.tls import trusting
from shared.process.cli import BAD_SETTINGS, settings_or_exit
from shared.process.configuration import configuration
from shared.process.live_rules import LiveRules, RuledDatabase
from shared.process.logs import configure_logs
from shared.process.settings import LedgerDatabase, Worker
from shared.rules.endpoint import Endpoint
from shared.rules.model import RuleSet
from shared.runtime.health import Bounded, Check, Readiness
from shared.runtime.metrics import Metrics
from shared.store.hooks.store import HookStore
from shared.store.ledger import Ledger
from shared.store.ledger.pruning import prune_in_background
from shared.threads.stop import Stop
from shared.wire.stages import DISPATCHER
from shared.worker import process_name, serve


class Settings(Worker, LedgerDatabase, RuledDatabase):
    pass


def main() -> int:
    settings = settings_or_exit(Settings, DISPATCHER, __doc__ or "", sys.argv[1:], os.environ)
    configure_logs(DISPATCHER, level=settings.log_level, log_format=settings.log_format)
    try:
        live = LiveRules(settings, _by_name)
    except ValueError as error:
        sys.stderr.write(f"{DISPATCHER}: cannot start: {error}\n")
        return BAD_SETTINGS
    database_url = settings.database_url.get_secret_value()
    ledger, store = Ledger(database_url, owner=process_name(DISPATCHER)), HookStore(database_url)
    courier, standings = Courier(trusting(settings.tls_ca_file)), Standings(store)

    def ports(name: str, gate: Gate) -> Ports:
        delivering = Delivering(name, courier, ledger, store, gate, settings.retry_max_age_s)
        return Ports(name, lambda: live.now().get(name), standings.disabled, store, delivering)

    metrics, stop = Metrics(), Stop()
    metrics.watch_configuration(DISPATCHER, lambda: asdict(configuration(live.rules)))
    lanes = Lanes(lambda: live.now() if live.rules else None, standings, store, Made(settings, metrics, ports))
    checks: dict[str, Check] = {
        "broker": lanes.check,
        "stopping": lambda: "stopping" if stop.asked else None,
        "ledger": Bounded(ledger.check, "the ledger's database"),
        "rules": live.check,
    }
    prune_in_background(ledger, settings.ledger_keep_days, stop.wait)
    return serve(
        DISPATCHER,
        settings,
        stop,
        Readiness(checks, metrics, {"endpoints": lanes.notes}),
        metrics,
        start=partial(_start, lanes, metrics),
        turn=partial(_turn, live, lanes),
        drain=lanes.drain,
    )


def _by_name(rules: RuleSet) -> dict[str, Endpoint]:
    return {endpoint.name: endpoint for endpoint in rules.endpoints}


def _start(lanes: Lanes, metrics: Metrics) -> None:
    lanes.follow()
    metrics.in_flight.set_function(lanes.in_hand)


def _turn(live: LiveRules[dict[str, Endpoint]], lanes: Lanes) -> None:
    live.look()
    lanes.follow()


if __name__ == "__main__":
    raise SystemExit(main())
