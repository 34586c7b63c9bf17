"""The latest value of a key, and the one before it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.errors import IntakeError
from shared.store.ledger import Done
from shared.store.ledger.rows import Latest


def test_the_first_value_has_none_before_it_and_each_next_is_told_the_last(ledger):
    assert [ledger.replace("title", value) for value in ("1", "2", "3")] == [None, "1", "2"]
    assert ledger.replace("another title", "4") is None


def test_the_same_value_again_is_told_the_same(ledger):
    ledger.replace("title", "1")
    assert [ledger.replace("title", "2"), ledger.replace("title", "2")] == ["1", "1"]


def test_of_many_at_once_each_is_told_another_value(open_ledger):
    """From several processes, some of whose values go to the database together."""
    ledgers = [open_ledger() for _ in range(3)]
    together = threading.Barrier(30)

    def one(number: int) -> str | None:
        together.wait()
        before: str | None = ledgers[number % 3].replace("title", str(number))
        return before

    with ThreadPoolExecutor(30) as pool:
        told = list(pool.map(one, range(30)))
    assert told.count(None) == 1
    assert len(set(told)) == 30


def test_one_set_is_told_in_its_order_of_each_key(ledger):
    values = [Latest("b", "1"), Latest("a", "2"), Latest("b", "3")]
    assert ledger.rows.replace(values) == [None, None, "1"]


def test_a_set_is_all_or_nothing(ledger):
    with pytest.raises(IntakeError):
        ledger.rows.replace([Latest("a", "1"), Latest("b", object())])  # type: ignore[arg-type]  # no database takes it
    assert ledger.replace("a", "2") is None


def test_what_is_kept_of_a_title_is_forgotten_in_time_as_all_that_is_done(ledger):
    ledger.replace("title", "1")
    assert isinstance(ledger.peek("title"), Done)
    assert ledger.prune(-1) == 1
    assert ledger.replace("title", "2") is None
