"""How old a message may grow on the ladder: only its own waits make it older."""

from typing import Any

import pika
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pika.spec import Basic

from shared.amqp.client import codec
from shared.docspace.errors import (
    BusyError,
    PortalFaultError,
    ScopeMissingError,
    TryLaterError,
    UnexplainedError,
    UnreachableError,
)
from shared.runtime.handling import LONGEST_FLOOR_S, retry_for
from shared.runtime.ladder import LATER_STEP_S, PERSON_PATIENCE_S, PERSON_STEP_S, Ladder
from shared.runtime.settle import Settlement, Settler
from shared.text.codes import Code
from shared.wire.message import Message, Publication
from shared.wire.outcome import Retry

LADDER = Ladder((5, 30, 120, 600, 3600), 86_400)
SETTLER = Settler("mover", LADDER, app_id="mover")
MESSAGE = Message(body=b"{}", type="invoice.detected", message_id="m", correlation_id="c", timestamp=1)

ladders = st.builds(
    lambda delays, age: Ladder(tuple(sorted(delays)), age),
    st.lists(st.integers(1, 7200), min_size=1, max_size=6),
    st.integers(0, 200_000).map(float),
)
retries = st.builds(
    Retry,
    st.just("why"),
    not_before_s=st.none() | st.floats(0, LONGEST_FLOOR_S),
    untried=st.booleans(),
    ages=st.booleans(),
    person=st.booleans(),
)
steps = st.lists(st.tuples(retries, st.booleans(), st.floats(0, 1e6)), max_size=40)


def wait_s(before: Message, settled: Settlement, ladder: Ladder, retry: Retry) -> float:
    """What it was told to wait, worked out apart from the code that told it."""
    step = ladder.delays_s[min(before.attempt, len(ladder.delays_s)) - 1]
    if retry.person:
        step = min(step, PERSON_STEP_S if before.waited_s < PERSON_PATIENCE_S else LATER_STEP_S)
    return max(step, retry.not_before_s or 0.0)


def over_the_wire(publication: Publication) -> Message:
    message = publication.message
    headers: dict[str, Any] = codec.headers(publication)
    properties = pika.BasicProperties(
        headers=headers,
        message_id=message.message_id,
        correlation_id=message.correlation_id,
        type=message.type,
        timestamp=message.timestamp,
    )
    return codec.message(Basic.Deliver("c", 1, False, "", "mover"), properties, message.body)


@given(ladders, steps)
def test_only_waits_that_count_make_it_older_and_only_age_kills_it(ladder: Ladder, taken: Any) -> None:
    settler, message, counted, now = Settler("mover", ladder, app_id="mover"), MESSAGE, 0.0, 1e9
    for retry, paused, passes_s in taken:
        counts = retry.ages and not paused
        settled = settler.settle(message, retry, now, paused=paused)
        assert (settled.kind == "dead") == (counts and message.waited_s >= ladder.max_age_s)
        if settled.kind == "dead":
            assert counted >= ladder.max_age_s - 0.001 * len(taken)
            assert settled.publication.headers["error"] == "why"
            return
        counted += wait_s(message, settled, ladder, retry) if counts else 0.0
        again = over_the_wire(settled.publication)
        assert again.waited_s == pytest.approx(counted, abs=0.001 * len(taken))
        assert again.waited_s >= message.waited_s
        assert again.attempt == message.attempt + (not retry.untried)
        message, now = again, now + passes_s


SHOWN = st.text(st.characters(codec="utf-8").filter(str.isprintable), max_size=40)


@given(st.floats(0, 1e7), SHOWN, SHOWN)
def test_age_sweep_and_override_survive_the_wire(waited_s: float, swept: str, override: str) -> None:
    sent = replace(MESSAGE, waited_s=waited_s, swept=swept, override=override, attempt=3, not_before=12.5)
    came = over_the_wire(Publication(exchange="", routing_key="mover", message=sent, mandatory=True))
    assert came.waited_s == pytest.approx(waited_s, abs=0.0005001)
    assert replace(came, waited_s=0) == replace(sent, waited_s=0)


def test_what_has_not_waited_says_nothing_of_it_and_what_says_nothing_has_not_waited() -> None:
    publication = Publication(exchange="", routing_key="mover", message=MESSAGE, mandatory=True)
    assert codec.headers(publication) == {}
    assert over_the_wire(publication) == MESSAGE


def test_hops_on_the_way_to_a_floor_make_nobody_older() -> None:
    parked = SETTLER.settle(MESSAGE, Retry("busy", Code.RATE_LIMIT, not_before_s=300.0), 0.0).publication.message
    assert parked.waited_s == 300.0
    hop = SETTLER.wait_longer(parked, 120.0)
    assert hop is not None
    assert hop.message == parked


def test_waiting_for_a_person_looks_every_two_minutes_then_every_ten() -> None:
    message, waits = replace(MESSAGE, attempt=9), []
    while (settled := SETTLER.settle(message, Retry("locked", Code.LOCKED, person=True), 0.0)).kind == "retry":
        waits.append(settled.publication.message.waited_s - message.waited_s)
        message = settled.publication.message
    assert waits[: 4 * 30] == [120.0] * 4 * 30
    assert set(waits[4 * 30 :]) == {600.0}
    assert sum(waits) == LADDER.max_age_s


def test_a_persons_first_looks_come_as_soon_as_the_ladders() -> None:
    assert [LADDER.person_step_s(attempt, 0) for attempt in (1, 2, 3, 4, 5)] == [5, 30, 120, 120, 120]


@pytest.mark.parametrize(
    ("error", "ages"),
    [
        (BusyError("429"), False),
        (BusyError("429", retry_after_s=86_206.0), False),
        (TryLaterError("503", status=503, retry_after_s=7.0), True),
        (UnreachableError("no answer"), True),
        (UnexplainedError("403", status=403), True),
        (ScopeMissingError("lacks", "files:read"), True),
        (PortalFaultError("suspended"), True),
    ],
)
def test_nobody_ages_by_a_rate_limit(error: TryLaterError, ages: bool) -> None:  # noqa: FBT001
    """By a fault of the whole portal neither: the breaker is open then, which `settle` is told."""
    retry = retry_for(error)
    assert (retry.ages, retry.untried) == (ages, not ages)
    old = replace(MESSAGE, waited_s=1e9)
    assert SETTLER.settle(old, retry, 0.0).kind == ("dead" if ages else "retry")
    assert SETTLER.settle(old, retry, 0.0, paused=True).kind == "retry"


def test_no_floor_is_longer_than_ten_minutes() -> None:
    assert retry_for(BusyError("429", retry_after_s=86_206.0)).not_before_s == LONGEST_FLOOR_S == 600.0
    assert retry_for(BusyError("429", retry_after_s=7.0)).not_before_s == 7.0
    assert retry_for(BusyError("429")).not_before_s is None
