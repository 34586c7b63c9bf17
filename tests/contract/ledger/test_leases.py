"""A claim lasts as long as its holder lives and works, and ends soon after."""

import contextlib
import subprocess
import sys
import threading
import time
from pathlib import Path
from uuid import uuid4

import psycopg
import structlog

from shared.errors import TransientError
from shared.store.ledger import LEASE_S, Done, Free, Held, Ledger, Won
from shared.store.ledger.leases import Leases
from shared.store.ledger.rows import Claim, Note
from tests.contract.ledger.claims import LONG_S, won
from tests.support.pipes import read_line
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[3]
SHORT_S = 0.9
HOLDER = """
import sys, time
from shared.store.ledger import Ledger
ledger = Ledger(sys.argv[1], owner="holder")
won = ledger.claim("k", 1.5, message="m")
with ledger.holding("k", won, 1.5):
    print("held", flush=True)
    time.sleep(60)
"""


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "ledger leases"]


def test_a_lease_ends_15_seconds_after_its_holder():
    assert LEASE_S == 15.0


def test_who_works_longer_than_the_lease_keeps_the_claim(open_ledger):
    first, second = open_ledger(), open_ledger()
    claims = {key: won(first.claim(key, SHORT_S, message="m")) for key in ("a", "b")}
    with first.holding("a", claims["a"], SHORT_S), first.holding("b", claims["b"], SHORT_S):
        until = time.monotonic() + 4 * SHORT_S
        while time.monotonic() < until:
            assert all(isinstance(second.claim(key, SHORT_S, message="m"), Held) for key in claims)
            time.sleep(0.05)
        assert first.note("a", claims["a"].token, "sent")
    assert wait_until(lambda: isinstance(second.peek("a"), Free), 3 * SHORT_S, "the lease's end") is True


def test_a_killed_holders_claim_is_free_for_its_message_when_the_lease_ends(ledger, database_url):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, database_url], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert read_line(holder.stdout) == "held\n"
    until = time.monotonic() + 3.0  # twice the lease
    while time.monotonic() < until:
        assert isinstance(ledger.claim("k", LONG_S, message="m"), Held)
        time.sleep(0.1)
    holder.kill()
    holder.communicate()
    killed_at = time.monotonic()
    claim = wait_until(
        lambda: c if isinstance(c := ledger.claim("k", LONG_S, message="m"), Won) else None, 5, "the lease to end"
    )
    assert claim.taken_over
    assert time.monotonic() - killed_at < 1.5 + 0.5


def test_a_claim_that_was_lost_is_not_renewed(open_ledger):
    first, second = open_ledger(), open_ledger()
    lost = won(first.claim("k", 0, message="m"))
    taken = won(second.claim("k", LONG_S, message="m"))
    first.rows.renew([Claim("k", lost.token)], 1.0)
    held = second.peek("k")
    assert isinstance(held, Held)
    assert held.remaining_s > LONG_S - 60
    assert second.note("k", taken.token, "mine")


def test_a_claim_that_was_given_back_or_done_is_not_renewed(ledger):
    for key in ("back", "done"):
        claim = won(ledger.claim(key, LONG_S, message="m"))
        ledger.release(key, claim.token) if key == "back" else ledger.complete(key, "yes")
        ledger.rows.renew([Claim(key, claim.token)], LONG_S)
    assert ledger.peek("back") == Free(message="m")
    assert ledger.peek("done") == Done("yes")


def test_renewing_a_set_renews_those_that_are_held_by_these_tokens_alone(ledger):
    tokens = {key: won(ledger.claim(key, 0)).token for key in ("a", "b", "c")}
    ledger.rows.renew([Claim("b", tokens["b"]), Claim("a", tokens["a"]), Claim("c", tokens["a"])], LONG_S)
    assert [type(ledger.peek(key)) for key in ("a", "b", "c")] == [Held, Held, Free]


def test_renewals_beside_sets_in_any_order_never_wait_in_a_circle(open_ledger):
    """The keys sort in one way by their bytes and in another by the rules of a language."""
    ledgers = [open_ledger() for _ in range(3)]
    keys = [f"{letter}{n}" for n in range(20) for letter in ("a", "B", "c", "D", "é")]
    claims = [Claim(key, won(ledgers[0].claim(key, LONG_S)).token) for key in keys]
    stop = threading.Event()
    failed: list[BaseException] = []

    def again(work) -> None:
        try:
            while not stop.is_set():
                work()
        except TransientError as error:
            failed.append(error)

    notes = [Note(claim.key, claim.token, "sent") for claim in claims]
    workers = [
        threading.Thread(target=again, args=(work,))
        for work in (
            lambda: ledgers[0].rows.renew(claims, LONG_S),
            lambda: ledgers[1].rows.note(notes),
            lambda: ledgers[2].rows.renew(claims[::-1], LONG_S),
        )
    ]
    for worker in workers:
        worker.start()
    stop.wait(3)
    stop.set()
    for worker in workers:
        worker.join()
    assert failed == []


def test_one_thread_renews_all_that_a_ledger_holds_and_ends_when_nothing_is_held(ledger):
    wait_until(lambda: not threads(), 2 * LEASE_S, "the end of other tests' threads")
    claims = {f"k {n}": won(ledger.claim(f"k {n}", SHORT_S)) for n in range(10)}
    with contextlib.ExitStack() as holding:
        for key, claim in claims.items():
            holding.enter_context(ledger.holding(key, claim, SHORT_S))
        assert len(threads()) == 1
    wait_until(lambda: not threads(), 2 * LEASE_S, "the thread's end")
    with ledger.holding("k 1", claims["k 1"], SHORT_S):
        assert len(threads()) == 1


class Flaky:
    """What the leases renew in: it fails while `away`, and counts."""

    def __init__(self) -> None:
        self.away = False
        self.calls: list[tuple[list[str], float]] = []

    def renew(self, claims, lease_s: float) -> None:
        self.calls.append(([claim.key for claim in claims], lease_s))
        if self.away:
            raise TransientError("the ledger cannot be reached: refused")


def test_an_outage_is_logged_once_and_the_renewals_go_on_after_it():
    flaky = Flaky()
    leases = Leases(flaky.renew)
    with structlog.testing.capture_logs() as logs, leases.held("k", "t", 0.3):
        flaky.away = True
        wait_until(lambda: len(flaky.calls) >= 3, 5, "renewals in vain")
        flaky.away = False
        wait_until(lambda: any(log["event"] == "ledger.renewal_recovered" for log in logs), 5, "a renewal")
    events = [log["event"] for log in logs]
    assert events == ["ledger.renewal_failed", "ledger.renewal_recovered"]
    assert logs[0]["reason"] == "the ledger cannot be reached: refused"


def test_a_short_lease_is_renewed_in_time_beside_a_long_one():
    flaky = Flaky()
    leases = Leases(flaky.renew)
    with leases.held("long", "t1", 60.0):
        wait_until(lambda: vars(leases._changed)["_waiters"], 5, "the thread to wait for the long one")
        with leases.held("short", "t2", 0.3):
            wait_until(lambda: (["short"], 0.3) in flaky.calls, 2, "the short one's renewal")


def test_claims_that_come_and_go_do_not_put_the_renewal_off():
    flaky = Flaky()
    leases = Leases(flaky.renew)
    until = time.monotonic() + 1.5
    with leases.held("k", "t", 0.6):
        while time.monotonic() < until:
            with leases.held("other", "u", 0.6):
                time.sleep(0.01)
    assert len(flaky.calls) >= 5


def test_a_claim_outlives_a_restart_of_the_database_that_is_shorter_than_its_lease(postgres):
    ledger = Ledger(postgres.url, owner="worker")
    key = uuid4().hex
    claim = won(ledger.claim(key, 6.0, message="m"))
    with ledger.holding(key, claim, 6.0):
        postgres.stop()
        time.sleep(2.5)  # at least one renewal fails meanwhile
        postgres.start()
        wait_until(lambda: _remaining_s(postgres.url, key) > 4.5, 10, "a renewal after the restart")
    assert ledger.note(key, claim.token, "sent")
    ledger.close()


def _remaining_s(url: str, key: str) -> float:
    with psycopg.connect(url) as connection:
        query = "SELECT leased_until - extract(epoch FROM clock_timestamp()) FROM ledger WHERE key = %s"
        row = connection.execute(query, (key,)).fetchone()
    assert row is not None
    return float(row[0])
