"""Ledgers on an empty database of each kind."""

from collections.abc import Callable, Iterator

import pytest

from shared.store.ledger import Ledger


@pytest.fixture
def open_ledger(database_url: str) -> Iterator[Callable[[], Ledger]]:
    opened: list[Ledger] = []

    def open_one() -> Ledger:
        opened.append(Ledger(database_url, owner=f"worker {len(opened)}"))
        return opened[-1]

    yield open_one
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger: Callable[[], Ledger]) -> Ledger:
    return open_ledger()
