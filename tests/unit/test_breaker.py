"""The breaker's counting, what of the portal's answers it counts, and the guard that acts on it."""

import threading

import pytest
from structlog.testing import capture_logs

from shared.docspace.errors import (
    BusyError,
    ForbiddenError,
    NotFoundError,
    PortalFaultError,
    RefusedError,
    ScopeMissingError,
    TryLaterError,
    UnexplainedError,
    UnreachableError,
)
from shared.docspace.state import Fault, State
from shared.docspace.watch import hearing, portal_fault, standstill
from shared.runtime import breaker as breaker_module
from shared.runtime.breaker import FAILURES, LONGEST_WAIT_S, Breaker
from shared.runtime.pause import Guard
from shared.text.codes import Code
from shared.wire.message import Message
from shared.wire.outcome import Outcome, Retry, Skip
from tests.support.waiting import wait_until


def opened() -> Breaker:
    breaker = Breaker()
    breaker.failed("down", certain=True)
    return breaker


def test_only_so_many_failures_in_a_row_open_it():
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker.failed("503")
    breaker.succeeded()
    for _ in range(FAILURES - 1):
        breaker.failed("503")
    assert breaker.reason is None
    breaker.failed("503")
    assert breaker.reason == "503"


def test_a_certain_failure_opens_it_at_once():
    assert opened().reason == "down"


def test_a_late_success_does_not_close_it_and_a_probe_does():
    breaker = opened()
    breaker.succeeded()
    assert breaker.reason == "down"
    breaker.close()
    assert breaker.reason is None
    breaker.failed("503")
    assert breaker.reason is None


def test_the_probes_grow_rarer_also_across_openings_until_the_work_succeeds():
    breaker = opened()
    first_s, second_s = breaker.next_wait_s(), breaker.next_wait_s()
    assert first_s < second_s
    breaker.close()
    breaker.failed("down", certain=True)
    assert breaker.next_wait_s() > second_s
    assert [breaker.next_wait_s() for _ in range(9)][-1] == LONGEST_WAIT_S
    breaker.close()
    breaker.succeeded()
    assert breaker.next_wait_s() == first_s


def test_failures_of_many_threads_are_all_counted(monkeypatch):
    breaker = Breaker()
    monkeypatch.setattr(breaker_module, "FAILURES", 8 * 500)

    def fail():
        for _ in range(500):
            breaker.failed("x")

    threads = [threading.Thread(target=fail) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert breaker.reason == "x"


NEEDS = ("files:read", "files:write")


@pytest.mark.parametrize(
    ("answer", "speaks_of_all"),
    [
        (None, False),
        (BusyError("429"), False),
        (ForbiddenError("403"), False),
        (NotFoundError("404"), False),
        (RefusedError("400", status=400), False),
        (UnexplainedError("403", status=403), False),
        (TryLaterError("402", status=402), False),
        (TryLaterError("302", status=302), False),  # the portal was asked then, and works
        (TryLaterError("not what the portal documents", status=200), False),
        (TryLaterError("500", status=500), True),
        (TryLaterError("503", status=503), True),
        (UnreachableError("no answer"), True),
        (ScopeMissingError("lacks", "files:write"), True),
        (ScopeMissingError("lacks", "accounts.self:read"), False),
        (PortalFaultError("suspended", status=404), True),
    ],
)
def test_what_speaks_of_the_portal_as_a_whole(answer, speaks_of_all):
    assert (portal_fault(answer, NEEDS) is not None) is speaks_of_all


def test_each_call_that_the_portal_answered_is_progress_and_no_other():
    answered = []
    heard = hearing(Breaker(), *NEEDS, answered=lambda: answered.append(1))
    for answer in (None, NotFoundError("404"), RefusedError("400", status=400)):
        heard(answer)
    assert len(answered) == 3
    for error in (UnreachableError("no answer"), TryLaterError("503", status=503), PortalFaultError("suspended")):
        heard(error)
    assert len(answered) == 3


@pytest.mark.parametrize("error", [PortalFaultError("refused"), ScopeMissingError("refused", "files:write")])
def test_an_answered_question_is_no_bad_luck_and_any_answer_resets_the_count(error):
    breaker = Breaker()
    heard = hearing(breaker, *NEEDS)
    for _ in range(FAILURES):
        heard(UnreachableError("no answer"))
        heard(NotFoundError("404"))
    assert breaker.reason is None
    heard(error)
    assert breaker.reason == "refused"


def test_a_permission_that_the_work_can_do_without_opens_nothing():
    breaker = Breaker()
    for _ in range(2 * FAILURES):
        hearing(breaker, *NEEDS)(ScopeMissingError("lacks", "accounts.self:read"))
    assert breaker.reason is None


class Portal:
    def __init__(self, *states):
        self.states = list(states)

    def state(self):
        return self.states.pop(0) if self.states else State()


@pytest.mark.parametrize("state", [State(), State(told=False), State(permissions=("files:write", "rooms:read"))])
def test_a_portal_that_works_and_takes_the_key_closes_it(state):
    assert standstill(Portal(state), *NEEDS) is None


def test_a_fault_and_a_permission_that_the_work_needs_keep_it_open():
    assert standstill(Portal(State(Fault.UNPAID, "unpaid"))) == "unpaid"
    assert "files:write" in str(standstill(Portal(State(permissions=("files:read",))), *NEEDS))


def test_the_guard_pauses_probes_and_resumes_and_says_so_once():
    portal = Portal(State(Fault.UNREACHABLE, "no"), State(Fault.KEY_REFUSED, "check the key"))
    breaker = Breaker(0.01)
    guard = Guard(breaker, lambda: standstill(portal))
    done: list[str | None] = []
    with capture_logs() as lines:
        guard.start(lambda: done.append(guard.check()), lambda: done.append(guard.check()))
        breaker.failed("the portal answered 503", certain=True)
        wait_until(lambda: len(done) == 2, 10, "the guard to resume")
        wait_until(lambda: [line for line in lines if line["event"] == "breaker.closed"], 5, "the log line")
    assert done == ["paused: the portal answered 503", None]
    assert [line["event"] for line in lines if line["log_level"] != "debug"] == ["breaker.opened", "breaker.closed"]
    assert not portal.states


def test_while_it_is_open_what_is_in_hand_goes_back_untried_and_nobody_is_asked():
    breaker, tried = Breaker(), []

    def handler(message: Message) -> Outcome:
        tried.append(message.message_id)
        return Skip("done", Code.NO_RULE)

    guarded = Guard(breaker, lambda: None).unless_open(handler)
    one, two = (
        Message(body=b"", type="t", message_id=id_, correlation_id="c", timestamp=0) for id_ in ("one", "two")
    )
    assert guarded(one) == Skip("done", Code.NO_RULE)
    breaker.failed("the portal is unpaid", certain=True)
    assert guarded(two) == Retry("paused: the portal is unpaid", Code.PAUSED, untried=True, ages=False)
    breaker.close()
    assert guarded(two) == Skip("done", Code.NO_RULE)
    assert tried == ["one", "two"]
