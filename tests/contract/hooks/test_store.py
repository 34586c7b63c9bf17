"""How endpoints stand is kept alike by SQLite and PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from shared.store.hooks.standing import Attempt, Standing
from shared.store.hooks.store import KEPT, HookStore

ATTEMPT = Attempt(
    endpoint="erp",
    at=100.0,
    took_s=0.1,
    event="invoice.filed",
    webhook_id="m",
    attempt=1,
    status=500,
    answer="no\0",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HookStore]:
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/ledger.db" if sqlite else request.getfixturevalue("postgres_url")
    with closing(HookStore(url)) as opened:
        opened.forget("erp")
        yield opened


def test_it_fails_since_the_first_failure_after_the_last_success(store: HookStore) -> None:
    assert store.attempted(ATTEMPT).failing_since == 100
    assert store.attempted(replace(ATTEMPT, at=200.0, status=None)).failing_since == 100
    good = store.attempted(replace(ATTEMPT, at=300.0, status=204))
    assert (good.failing_since, good.accepted_at) == (None, 300)
    assert store.attempted(replace(ATTEMPT, at=400.0)).failing_since == 400


def test_the_last_fifty_attempts_are_kept_though_many_come_at_once(store: HookStore) -> None:
    with ThreadPoolExecutor(4) as many:
        list(many.map(lambda number: store.attempted(replace(ATTEMPT, at=float(number))), range(KEPT + 20)))
    store.attempted(replace(ATTEMPT, endpoint="other", at=1_000.0))
    kept = store.attempts("erp")
    assert len(kept) == KEPT
    assert [attempt.at for attempt in kept] == sorted((attempt.at for attempt in kept), reverse=True)
    assert kept[0].at == KEPT + 19
    assert kept[0].answer == "no\ufffd"


def test_what_is_missed_is_counted_since_the_earliest(store: HookStore) -> None:
    for at in (50.0, 20.0, 70.0):
        store.missed("erp", at)
    standing = store.standings()["erp"]
    assert (standing.missed, standing.missed_since) == (3, 20)
    store.looked_after("erp", store.standings()["erp"].missed - 1)
    assert store.standings()["erp"].missed, "another was missed since"
    store.looked_after("erp", store.standings()["erp"].missed)
    assert store.standings()["erp"] == Standing(name="erp")


def test_the_first_who_disables_it_is_kept_and_enabling_begins_anew(store: HookStore) -> None:
    store.attempted(ATTEMPT)
    assert store.disable("erp", "anna", "it moves", 500.0)
    assert not store.disable("erp", "dispatcher", "410", 600.0)
    standing = store.standings()["erp"]
    assert (standing.disabled_by, standing.disabled_why, standing.disabled_at) == ("anna", "it moves", 500)
    assert store.enable("erp")
    assert not store.enable("erp")
    assert store.standings()["erp"] == Standing(name="erp")
