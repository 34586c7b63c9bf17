"""One sweep: asks the portal, the ledger and the dead letters, and sends in what no webhook brought."""

import functools
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Self

import structlog
from pydantic import Field

from console.reconcile import event as sweep_event
from console.reconcile import webhook_health
from console.reconcile.compare import Finding, State, Sweep, Window
from console.reconcile.dead_files import discarded, files_of
from shared.amqp.dead_letters import DeadLetters
from shared.amqp.past import NoStreamError, past
from shared.amqp.publisher import Publisher
from shared.amqp.topology import topology
from shared.docspace.client import Client
from shared.docspace.errors import RefusedError, ScopeMissingError, UnexplainedError
from shared.docspace.webhook_log import LogEntry, webhook_log
from shared.docspace.webhooks import Webhooks
from shared.errors import IntakeError, TransientError
from shared.events import DEFAULT_PORTAL, EntryId
from shared.handling import LONGEST_FLOOR_S
from shared.ledger import Ledger
from shared.metrics import Metrics
from shared.settings import LedgerDatabase, Portal, Process, Rules
from shared.stages import CLASSIFIER, MOVER
from shared.webhook import parse

CONFIRM_S = 10.0
CONNECT_S = 15.0

log = structlog.get_logger()


class Settings(Process, Portal, LedgerDatabase, Rules):
    reconcile_every_s: Annotated[int, Field(ge=0, description="sweep for ever, so often; 0: once")] = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What one sweep found, and what became of it."""

    findings: tuple[Finding, ...]
    injected: int
    webhook: str | None
    """What is wrong with the portal's webhook."""
    unchecked: tuple[str, ...]
    """What could not be looked at."""

    @property
    def counts(self) -> dict[str, int]:
        counted = Counter(finding.state for finding in self.findings)
        return {state.value: counted[state] for state in State}


class Door:
    """The way into the pipeline: the exchange that the ingress publishes to."""

    def __init__(self, settings: Settings) -> None:
        self._publisher = Publisher(
            settings.amqp_urls, topology(settings.retry_delays_s), "console reconcile", Metrics()
        )

    def __enter__(self) -> Self:
        self._publisher.start()
        deadline = time.monotonic() + CONNECT_S
        while (fault := self._publisher.check()) is not None:
            if time.monotonic() > deadline:
                self._publisher.close()
                raise TransientError(fault)
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self._publisher.close()

    def send(self, finding: Finding) -> None:
        """Raises PublishError; sending it again is safe."""
        now = int(time.time())
        self._publisher.publish(
            sweep_event.publication(finding.file, finding.body, finding.trigger, DEFAULT_PORTAL, now), CONFIRM_S
        )


def sweep(settings: Settings, window: Window, door: Door, *, dry_run: bool) -> Report:
    """TransientError where the portal, the broker or the ledger cannot be asked. Repeating it doubles nothing."""
    client = Client(
        settings.docspace_api_host,
        settings.docspace_api_key.get_secret_value(),
        pool_size=1,
        ca_file=settings.tls_ca_file,
    )
    rules = settings.rules()
    with DeadLetters(settings.amqp_urls) as letters:
        dead = files_of(letter for stage in (CLASSIFIER, MOVER) for letter in letters.read(stage))
    ledger = Ledger(settings.database_url.get_secret_value(), owner="console reconcile")
    put_away = functools.cache(lambda: _discarded(settings, window))
    waits_s = 2.0 * max(LONGEST_FLOOR_S, *settings.retry_delays_s)  # as much again for its turn in the queue
    rooms = Sweep(rules, client, ledger, settings.portal_host, dead, discarded=put_away, waits_s=waits_s)
    wanted = {trigger for rule in rules.enabled for trigger in rule.triggers}
    webhook, failed, unchecked = asked(client, wanted, window)
    found: dict[EntryId, Finding] = {}
    for room in rooms.rooms():
        try:
            for finding in rooms.room(room, window):
                found.setdefault(finding.file.id, finding)
        except (RefusedError, UnexplainedError) as error:
            unchecked.append(f"room {room}: {error}")
    for finding in rooms.files(failed - found.keys(), window):
        found[finding.file.id] = finding
    missed = [finding for finding in found.values() if finding.state is State.MISSED]
    if not dry_run:
        for finding in missed:
            door.send(finding)
            log.info("reconcile.injected", file_id=finding.file.id, title=finding.file.title)
    return Report(tuple(found.values()), 0 if dry_run else len(missed), webhook, tuple(unchecked))


def _discarded(settings: Settings, window: Window) -> dict[str, float]:
    try:
        return discarded(past(settings.amqp_urls, window.since.timestamp()))
    except NoStreamError:
        return {}


def asked(client: Client, wanted: set[str], window: Window) -> tuple[str | None, set[EntryId], list[str]]:
    """The webhook's fault, the files whose webhooks failed, and what the key may not see."""
    try:
        fault = webhook_health.fault(Webhooks(client).list(), wanted)
        failed = set(_files(entry for entry in webhook_log(client, window.since) if not entry.delivered))
    except (RefusedError, ScopeMissingError, UnexplainedError) as error:
        return None, set(), [f"the portal's webhooks and their log, which this key may not read ({error})"]
    return fault, failed, []


def _files(entries: Iterator[LogEntry]) -> Iterator[EntryId]:
    for entry in entries:
        try:
            webhook = parse(entry.body)
        except IntakeError:
            continue
        if webhook.entry.is_file:
            yield webhook.entry.id
