"""Sets of keys in one go, and what many threads ask at once made into such sets."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.errors import IntakeError, PermanentError
from shared.store.ledger import Done, Held, Won
from shared.store.ledger.rows import Claim, Note, Result, Wanted
from tests.contract.ledger.claims import LONG_S, won


def test_a_set_is_told_of_each_key_in_order_and_of_a_repeated_key_once(ledger):
    ledger.complete("done", "yes")
    ledger.claim("held", LONG_S)
    ledger.note("late", won(ledger.claim("late", 0)).token, "sent")
    claims = ledger.rows.claim(list(map(Wanted, ["new", "held", "late", "new", "done"])), LONG_S)
    assert [type(claim) for claim in claims] == [Won, Held, Won, Held, Done]
    assert (claims[2].progress, claims[2].taken_over) == ("sent", True)
    assert isinstance(ledger.peek("new"), Held)


def test_overlapping_sets_of_processes_never_deadlock_and_win_each_key_once(open_ledger):
    """Every set is in an order of its own; each ledger has connections of its own, as another process has."""
    ledgers = [open_ledger() for _ in range(6)]
    keys = [f"k {n}" for n in range(30)]

    def work(number: int) -> list[str]:
        mine: list[str] = []
        order = random.Random(number)
        for _ in range(8):
            chosen = order.sample(keys, 20)
            rows = ledgers[number].rows
            wins = [
                (key, claim.token)
                for key, claim in zip(chosen, rows.claim(list(map(Wanted, chosen)), LONG_S), strict=True)
                if isinstance(claim, Won)
            ]
            order.shuffle(wins)
            rows.note([Note(key, token, "begun") for key, token in wins])
            rows.complete([Result(key, "done") for key, _ in wins[::2]])
            rows.release([Claim(key, token) for key, token in wins])
            mine += [key for key, _ in wins[::2]]
        return mine

    with ThreadPoolExecutor(6) as pool:
        completed = [key for mine in pool.map(work, range(6)) for key in mine]
    assert len(completed) == len(set(completed))
    assert {key for key in keys if isinstance(ledgers[0].peek(key), Done)} == set(completed)


def test_a_set_of_writes_is_all_or_nothing(ledger):
    tokens = [won(ledger.claim(key, LONG_S)).token for key in ("a", "b")]
    with pytest.raises(IntakeError):
        ledger.rows.note([Note("a", tokens[0], "sent"), Note("b", tokens[1], object())])  # type: ignore[arg-type]  # no database takes it
    assert ledger.peek("a").progress is None
    ledger.note("a", tokens[0], "sent")
    assert ledger.peek("a").progress == "sent"


def test_what_many_threads_ask_at_once_costs_few_commits(open_ledger, monkeypatch):
    ledger = open_ledger()
    sets: list[int] = []
    claim = ledger.rows.claim

    def counted(wanted: list[Wanted], lease_s: float, *, take_over: bool) -> list[Won | Held | Done]:
        sets.append(len(wanted))
        claims: list[Won | Held | Done] = claim(wanted, lease_s, take_over=take_over)
        return claims

    monkeypatch.setattr(ledger.rows, "claim", counted)
    together = threading.Barrier(100)

    def one(number: int) -> object:
        together.wait()
        return ledger.claim(f"k {number}", LONG_S)

    with ThreadPoolExecutor(100) as pool:
        assert all(isinstance(claim, Won) for claim in pool.map(one, range(100)))
    assert sum(sets) == 100
    assert len(sets) < 40


def test_what_the_database_cannot_keep_costs_its_own_write_alone(ledger):
    """NUL is a letter to SQLite, and none to PostgreSQL; half of a surrogate pair is none to both."""
    together = threading.Barrier(20)

    def one(number: int) -> str:
        together.wait()
        try:
            ledger.complete(f"k{number}", "\ud83d" if number == 7 else str(number))
        except PermanentError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(one, range(20)))
    assert "cannot keep it" in told[7]
    assert [number for number, error in enumerate(told) if error] == [7]
    assert [number for number in range(20) if isinstance(ledger.peek(f"k{number}"), Done)] == [
        *range(7),
        *range(8, 20),
    ]
