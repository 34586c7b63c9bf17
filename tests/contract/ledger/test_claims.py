"""One at a time holds a key, for as long as its lease; what it noted and its result outlive it."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from shared.store.ledger import Done, Free, Held, Won
from tests.contract.ledger.claims import LONG_S, won
from tests.support.pipes import read_line, write_line
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[3]
SHORT_S = 2.0

RACER = """
import sys
from shared.store.ledger import Ledger, Won
url, name, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
ledger = Ledger(url, owner=name)
print("ready", flush=True)
sys.stdin.readline()
for number in range(rounds):
    if isinstance(ledger.claim(f"race:{number}", 300), Won):
        ledger.complete(f"race:{number}", name)
        print(number, flush=True)
ledger.close()
"""


def test_a_new_claim_is_won_and_then_held(open_ledger):
    first, second = open_ledger(), open_ledger()
    claim = won(first.claim("k", LONG_S))
    assert (claim.progress, claim.taken_over) == (None, False)
    held = second.claim("k", LONG_S)
    assert isinstance(held, Held)
    assert LONG_S - 60 < held.remaining_s <= LONG_S
    assert held.owner == "worker 0"


def test_fifty_claims_at_once_have_one_winner(open_ledger):
    ledgers = [open_ledger() for _ in range(5)]
    together = threading.Barrier(50)

    def claim(number: int) -> object:
        together.wait()
        return ledgers[number % 5].claim("k", LONG_S)

    with ThreadPoolExecutor(50) as pool:
        claims = list(pool.map(claim, range(50)))
    assert sum(isinstance(claim, Won) for claim in claims) == 1
    assert sum(isinstance(claim, Held) for claim in claims) == 49


def test_fifty_claims_on_a_lease_that_ran_out_have_one_winner(open_ledger):
    ledger = open_ledger()
    ledger.claim("k", 0)
    together = threading.Barrier(50)

    def claim(_: int) -> object:
        together.wait()
        return ledger.claim("k", LONG_S)

    with ThreadPoolExecutor(50) as pool:
        claims = list(pool.map(claim, range(50)))
    winners = [claim for claim in claims if isinstance(claim, Won)]
    assert [winner.taken_over for winner in winners] == [True]


def test_processes_that_race_from_an_empty_database_win_each_key_once(database_url):
    rounds = 40
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, database_url, f"racer {number}", str(rounds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for number in range(6)
    ]
    for racer in racers:
        assert read_line(racer.stdout) == "ready\n"
    for racer in racers:
        write_line(racer.stdin, "go")
    wins = [int(line) for racer in racers for line in racer.communicate(timeout=60)[0].splitlines()]
    assert [racer.returncode for racer in racers] == [0] * 6
    assert sorted(wins) == list(range(rounds))


def test_a_lease_that_ran_out_is_won_by_another_who_is_told_so(open_ledger):
    first, second = open_ledger(), open_ledger()
    second.check()  # connects, which may take longer than the lease
    token = won(first.claim("k", SHORT_S)).token
    first.note("k", token, "operation 7")
    assert isinstance(second.claim("k", LONG_S), Held)
    claim = wait_until(lambda: _if_won(second.claim("k", LONG_S)), 30, "the lease to run out")
    assert (claim.progress, claim.taken_over) == ("operation 7", True)
    assert claim.token != token


def _if_won(claim: Won | Held | Done) -> Won | None:
    return claim if isinstance(claim, Won) else None


def test_a_released_claim_is_won_at_once(ledger):
    ledger.release("k", won(ledger.claim("k", LONG_S)).token)
    claim = won(ledger.claim("k", LONG_S))
    assert (claim.progress, claim.taken_over) == (None, False)


def test_progress_outlives_a_release_and_says_that_the_work_was_begun(ledger):
    token = won(ledger.claim("k", LONG_S)).token
    ledger.note("k", token, "operation 7")
    ledger.release("k", token)
    assert ledger.peek("k") == Free("operation 7")
    claim = won(ledger.claim("k", LONG_S))
    assert (claim.progress, claim.taken_over) == ("operation 7", True)


def test_who_took_over_and_gives_back_leaves_the_warning_for_the_next(ledger):
    ledger.claim("k", 0)
    claim = won(ledger.claim("k", LONG_S))
    ledger.release("k", claim.token)
    assert won(ledger.claim("k", LONG_S)).taken_over


def test_a_token_that_lost_its_claim_can_neither_release_nor_note(ledger):
    old = won(ledger.claim("k", 0)).token
    new = won(ledger.claim("k", LONG_S)).token
    ledger.note("k", old, "stale")
    ledger.release("k", old)
    held = ledger.claim("k", LONG_S)
    assert isinstance(held, Held)
    assert held.progress is None
    ledger.note("k", new, "mine")
    assert ledger.peek("k").progress == "mine"


def test_the_first_result_stays(ledger):
    token = won(ledger.claim("k", LONG_S)).token
    ledger.complete("k", "first")
    ledger.complete("k", "second")
    ledger.note("k", token, "late")
    ledger.release("k", token)
    assert ledger.claim("k", LONG_S) == Done("first")
    assert ledger.peek("k") == Done("first")


def test_a_result_counts_even_if_the_lease_was_lost_or_never_taken(ledger):
    ledger.claim("lost", 0)
    ledger.claim("lost", LONG_S)
    ledger.complete("lost", "moved")
    ledger.complete("never claimed", "seen")
    assert ledger.claim("lost", LONG_S) == Done("moved")
    assert ledger.claim("never claimed", LONG_S) == Done("seen")


def test_peek_claims_nothing(ledger):
    assert ledger.peek("k") == Free()
    won(ledger.claim("k", LONG_S))
    assert isinstance(ledger.peek("k"), Held)


def test_texts_come_back_as_they_went_in(ledger):
    key = "announce:портал:'; DROP TABLE ledger; --:счёт 🧾"
    token = won(ledger.claim(key, LONG_S)).token
    ledger.note(key, token, "ход\n½")
    assert ledger.peek(key).progress == "ход\n½"
    ledger.complete(key, "готово")
    assert ledger.claim(key, LONG_S) == Done("готово")
