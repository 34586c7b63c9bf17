"""Work belongs to the message it is done for: that one goes on with it at once, and others wait for it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.store.ledger import Done, Free, Held, Ledger, Won
from shared.store.ledger.ledger import LARGEST_SET
from shared.store.ledger.rows import Claim, Note, Wanted
from tests.contract.ledger.claims import LONG_S, won
from tests.support.waiting import wait_until


def held(claim: object) -> Held:
    assert isinstance(claim, Held), claim
    return claim


def given_back(ledger: Ledger, message: str = "m") -> None:
    ledger.release("k", won(ledger.claim("k", LONG_S, message=message)).token)


def test_work_that_was_given_back_is_held_for_its_message_and_won_by_it(open_ledger):
    first, second = open_ledger(), open_ledger()
    given_back(first)
    claim = held(second.claim("k", LONG_S, message="other"))
    assert (claim.remaining_s, claim.message, claim.owner) == (0.0, "m", "worker 0")
    assert not won(second.claim("k", LONG_S, message="m")).taken_over  # nobody had touched it


def test_work_whose_lease_ran_out_is_held_for_its_message_and_won_by_it(ledger):
    token = won(ledger.claim("k", 0, message="m")).token
    ledger.note("k", token, "operation 7")
    claim = held(ledger.claim("k", LONG_S, message="other"))
    assert (claim.remaining_s, claim.message, claim.progress) == (0.0, "m", "operation 7")
    again = won(ledger.claim("k", LONG_S, message="m"))
    assert (again.taken_over, again.progress) == (True, "operation 7")


def test_a_lease_is_a_lease_for_its_own_message_too(ledger):
    won(ledger.claim("k", LONG_S, message="m"))
    for message in ("m", "other", ""):
        claim = held(ledger.claim("k", LONG_S, message=message))
        assert claim.message == "m"
        assert claim.remaining_s > LONG_S - 60


@pytest.mark.parametrize("lease_s", [0, LONG_S])
def test_whoever_takes_over_wins_when_the_lease_is_over_and_not_before(ledger, lease_s):
    ledger.claim("k", lease_s, message="m")
    claim = ledger.claim("k", LONG_S, message="sweep", take_over=True)
    if lease_s:
        assert held(claim).message == "m"
        return
    assert won(claim).taken_over
    ledger.release("k", won(claim).token)
    assert held(ledger.claim("k", LONG_S, message="m")).message == "sweep"


def test_a_claim_for_no_message_goes_by_the_lease_and_leaves_the_work_to_its_message(ledger):
    given_back(ledger)
    token = won(ledger.claim("k", LONG_S)).token
    assert held(ledger.claim("k", LONG_S, message="m")).message == "m"
    ledger.release("k", token)
    assert ledger.peek("k") == Free(message="m")
    won(ledger.claim("k", LONG_S, message="m"))


def test_work_that_belonged_to_no_message_belongs_to_the_first_that_wins_it(ledger):
    ledger.claim("k", 0)
    won(ledger.claim("k", 0, message="m"))
    assert held(ledger.claim("k", LONG_S, message="other")).message == "m"


def test_work_that_ended_without_being_done_belongs_to_nobody(ledger):
    ledger.release("k", won(ledger.claim("k", LONG_S, message="m")).token, forget=True)
    assert ledger.peek("k") == Free()
    assert not won(ledger.claim("k", LONG_S, message="other")).taken_over


def test_work_that_ended_after_a_retry_untouched_leaves_no_trace(ledger):
    given_back(ledger)
    ledger.release("k", won(ledger.claim("k", LONG_S, message="m")).token, forget=True)
    with ledger.rows.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM ledger").scalar() == 0


def test_progress_outlives_the_message_that_made_it(ledger):
    token = won(ledger.claim("k", LONG_S, message="m")).token
    ledger.note("k", token, "operation 7")
    ledger.release("k", token, forget=True)
    assert ledger.peek("k") == Free("operation 7")
    claim = won(ledger.claim("k", LONG_S, message="other"))
    assert (claim.progress, claim.taken_over) == ("operation 7", True)


def test_the_warning_outlives_a_crash_and_attempts_that_touched_nothing(ledger):
    ledger.claim("k", 0, message="m")  # its holder died
    given_back(ledger)
    ledger.release("k", won(ledger.claim("k", LONG_S, message="m")).token, forget=True)
    assert won(ledger.claim("k", LONG_S, message="other")).taken_over


def test_a_token_that_lost_its_claim_makes_nobody_forget_the_message(ledger):
    old = won(ledger.claim("k", 0, message="m")).token
    won(ledger.claim("k", 0, message="m"))
    ledger.release("k", old, forget=True)
    assert ledger.peek("k") == Free(message="m")


def test_what_is_done_is_done_for_every_message_and_tells_since_when(ledger):
    ledger.claim("k", LONG_S, message="m")
    ledger.complete("k", "filed")
    for claim in (
        ledger.claim("k", LONG_S, message="other"),
        ledger.claim("k", 0, message="m", take_over=True),
        ledger.peek("k"),
    ):
        assert claim == Done("filed")
        assert abs(claim.completed_at - time.time()) < 60


def test_a_look_tells_whose_the_work_is(ledger):
    ledger.claim("k", LONG_S, message="m")
    assert held(ledger.peek("k")).message == "m"


def test_of_the_messages_in_a_set_the_one_that_the_work_belongs_to_wins(ledger):
    given_back(ledger)
    ledger.complete("done", "yes")
    wanted = [Wanted("k", "a"), Wanted("done", "a"), Wanted("k", "m"), Wanted("k", "b"), Wanted("done", "b")]
    claims = ledger.rows.claim([*wanted, Wanted("k", "m")], LONG_S)
    assert [type(claim) for claim in claims] == [Held, Done, Won, Held, Done, Held]
    assert {claim.message for claim in claims if isinstance(claim, Held)} == {"m"}


def test_of_the_messages_in_a_set_the_first_wins_new_work(ledger):
    claims = ledger.rows.claim([Wanted("k", "a"), Wanted("k", "b"), Wanted("k")], LONG_S)
    assert [type(claim) for claim in claims] == [Won, Held, Held]
    assert [claim.message for claim in claims[1:]] == ["a", "a"]


def test_of_many_messages_that_want_one_work_at_once_one_wins_it_again_and_again(open_ledger):
    ledgers = [open_ledger() for _ in range(4)]
    together = threading.Barrier(40)

    def claim(number: int) -> Won | None:
        together.wait()
        found = ledgers[number % 4].claim("k", 0, message=f"m {number}")
        return found if isinstance(found, Won) else None

    with ThreadPoolExecutor(40) as pool:
        assert sum(claim is not None for claim in pool.map(claim, range(40))) == 1


def test_each_of_a_set_is_told_whether_its_claim_still_is_its_own(ledger):
    tokens = {key: won(ledger.claim(key, LONG_S)).token for key in ("a", "b", "done")}
    lost = won(ledger.claim("lost", 0)).token
    won(ledger.claim("lost", LONG_S))
    ledger.complete("done", "yes")
    notes = [("lost", lost), ("b", tokens["b"]), ("none", "t"), ("a", tokens["b"]), ("a", tokens["a"])]
    notes += [("done", tokens["done"]), ("b", tokens["b"])]
    told = ledger.rows.note([Note(key, token, f"{n}") for n, (key, token) in enumerate(notes)])
    assert told == [False, True, False, False, True, False, True]
    assert [ledger.peek(key).progress for key in ("a", "b", "lost")] == ["4", "6", None]


def test_whoever_notes_is_told_whether_the_claim_still_is_his(ledger):
    old = won(ledger.claim("k", 0)).token
    new = won(ledger.claim("k", LONG_S)).token
    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(lambda n: ledger.note("k", new if n % 2 else old, "sent"), range(20)))
    assert told == [bool(n % 2) for n in range(20)]
    ledger.complete("k", "filed")
    assert ledger.note("k", new, "late") is False


def test_a_set_of_releases_forgets_what_it_is_told_to_and_nothing_else(ledger):
    tokens = {key: won(ledger.claim(key, LONG_S, message="m")).token for key in ("a", "b", "c")}
    ledger.note("b", tokens["b"], "sent")
    ledger.rows.release(
        [Claim("c", tokens["c"]), Claim("b", tokens["b"], forget=True), Claim("a", tokens["a"], True)]
    )
    assert [ledger.peek(key) for key in ("a", "b", "c")] == [Free(), Free("sent"), Free(message="m")]


def test_a_look_tells_for_how_long_nobody_has_held_the_work(ledger):
    assert ledger.peek("k").idle_s is None
    given_back(ledger)
    first = ledger.peek("k").idle_s
    assert 0 <= first < 60
    wait_until(lambda: ledger.peek("k").idle_s > first, 5, "time to pass")
    ledger.claim("lost", -100.0, message="m")  # its holder died long ago
    assert 100 <= ledger.peek("lost").idle_s < 160


def test_what_was_given_back_is_free_though_the_clock_went_back_since(ledger):
    given_back(ledger)
    with ledger.rows.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE ledger SET leased_until = leased_until + 3600")
    assert ledger.peek("k") == Free(message="m")
    won(ledger.claim("k", LONG_S, message="m"))


def test_what_belonged_to_an_abandoned_message_is_won_by_any_other(ledger):
    for key, message in (("k", "gone"), ("other", "stays")):
        ledger.release(key, won(ledger.claim(key, LONG_S, message=message)).token)
    token = won(ledger.claim("sent", LONG_S, message="gone")).token
    ledger.note("sent", token, "operation 7")
    ledger.claim("done", LONG_S, message="gone")
    ledger.complete("done", "filed")
    ledger.abandon(["gone", *map(str, range(LARGEST_SET + 1)), "gone"])
    won(ledger.claim("k", LONG_S, message="m"))
    assert held(ledger.claim("other", LONG_S, message="m")).message == "stays"
    assert held(ledger.claim("sent", LONG_S, message="m")).progress == "operation 7"  # its lease is its holder's
    assert ledger.claim("done", LONG_S, message="m") == Done("filed")
    ledger.release("sent", token)
    assert won(ledger.claim("sent", LONG_S, message="m")).progress == "operation 7"
    ledger.abandon([])
