"""The short form of `make chaos`, and the proof of the proof: a product that breaks a promise must not pass."""

import itertools
import random
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.chaos.plan import LANES, ROOM, Act, Upload, acts, uploads, zone
from tests.chaos.run import Result, run
from tests.chaos.site import running_site
from tests.chaos.table import faults, table
from tests.support.brokers import Broker, fresh_vhost
from tests.support.databases import Database

LAUNCHER = ("tests.chaos.sabotaged",)


def storm(
    broker: Broker,
    postgres: Database,
    folder: Path,
    kind: str,
    planned: Iterable[Upload],
    *,
    lanes: Mapping[str, Iterable[Act]],
    patience_s: float,
    offset: str = "+00:00",
    sweeps: bool = False,
) -> Result:
    """The portal gives a webhook up, and lets the next ones through, after a third of its time."""
    with (
        fresh_vhost(broker) as url,
        running_site(
            broker, url, postgres, folder, (*LAUNCHER, kind), zone=offset, retry_base_s=0.3, every_s=5
        ) as site,
    ):
        result = run(site, planned, lanes, per_s=15, say=print, settle_s=120, patience_s=patience_s, sweeps=sweeps)
    print(table(result), faults(result), sep="\n")
    return result


def invoices(count: int, kind: str) -> list[Upload]:
    return [Upload(f"Invoice {kind} {number}.pdf", ROOM, kind) for number in range(count)]


@pytest.mark.timeout(400)
def test_nothing_is_lost_or_done_twice_while_everything_is_killed_frozen_and_cut(
    any_broker: Broker, postgres: Database, tmp_path: Path
) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    lanes = {lane: acts(seed, lane) for lane in LANES}
    result = storm(
        any_broker, postgres, tmp_path, "hurried", uploads(seed, 220),
        lanes=lanes, patience_s=45, offset=zone(seed), sweeps=True,
    )  # fmt: skip
    assert not result.verdict.faults
    assert result.verdict.filed + result.verdict.by_sweep > 100


@pytest.mark.timeout(300)
def test_without_confirms_a_killed_broker_loses_invoices_and_the_run_fails(
    any_broker: Broker, postgres: Database, tmp_path: Path
) -> None:
    freezes = [Act("broker", "freeze and kill", after_s=2, for_s=0) for _ in range(2)]
    planned = invoices(120, "chunked")
    result = storm(any_broker, postgres, tmp_path, "confirms-off", planned, lanes={"broker": freezes}, patience_s=8)
    assert result.verdict.lost


@pytest.mark.timeout(300)
def test_with_an_early_ack_a_killed_worker_loses_invoices_and_the_run_fails(
    any_broker: Broker, postgres: Database, tmp_path: Path
) -> None:
    kills = [Act("workers", "kill", after_s=1, for_s=0.5, target=worker) for worker in (4, 5)]
    slow = [Act("portal", "slow", after_s=0, for_s=60, faults={"operation_ms": 1500})]
    lanes = {"workers": kills, "portal": slow}
    result = storm(any_broker, postgres, tmp_path, "ack-first", invoices(75, "chunked"), lanes=lanes, patience_s=8)
    assert result.verdict.lost


@pytest.mark.timeout(300)
def test_with_a_ledger_that_always_says_won_twins_are_told_twice_and_it_fails(
    any_broker: Broker, postgres: Database, tmp_path: Path
) -> None:
    result = storm(any_broker, postgres, tmp_path, "always-won", invoices(45, "simple"), lanes={}, patience_s=8)
    assert result.verdict.announced_twice or result.verdict.moved_twice


def test_a_seed_plans_the_same_run_every_time() -> None:
    assert list(uploads(7, 50)) == list(uploads(7, 50)) != list(uploads(8, 50))
    for lane in LANES:
        first, second = (list(itertools.islice(acts(7, lane), 50)) for _ in range(2))
        assert first == second
    assert zone(7) == zone(7)
