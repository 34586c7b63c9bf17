"""The retry ladder and what each outcome becomes on the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.runtime.ladder import Ladder, queue_name
from shared.runtime.settle import Settler
from shared.text.codes import Code
from shared.wire.events import InvoiceDetected, decode
from shared.wire.message import Message, Publication
from shared.wire.outcome import Dead, Forward, Retry, Skip

LADDER = Ladder((5, 30, 120, 600, 3600), 86_400)
SETTLER = Settler("mover", LADDER, app_id="mover")
MESSAGE = Message(body=b"{}", type="invoice.detected", message_id="m", correlation_id="c", timestamp=1)


@pytest.mark.parametrize(
    ("delay_s", "name"),
    [
        (5, "retry.5s"),
        (30, "retry.30s"),
        (120, "retry.2m"),
        (600, "retry.10m"),
        (3600, "retry.1h"),
        (90, "retry.90s"),
    ],
)
def test_delay_queues_are_named_by_their_delay(delay_s: int, name: str) -> None:
    assert queue_name(delay_s) == name


def test_the_last_step_repeats() -> None:
    assert [LADDER.step_s(attempt) for attempt in (1, 2, 5, 6, 99)] == [5, 30, 3600, 3600, 3600]


@given(st.floats(min_value=0, max_value=100_000))
def test_hops_end_no_sooner_than_the_wait_and_over_it_by_at_most_the_smallest_step(wait_s: float) -> None:
    left = wait_s
    while left > 0:
        left -= LADDER.hop_s(left)
    assert -5 <= left <= 0


def test_each_failed_attempt_waits_one_step_longer_and_remembers_its_first_failure() -> None:
    message, queues = MESSAGE, []
    for now in (100.0, 200.0, 300.0):
        publication = SETTLER.settle(message, Retry("down", Code.PORTAL_ERROR), now).publication
        queues.append(publication.exchange)
        assert publication.routing_key == "mover"
        assert publication.mandatory
        message = publication.message
    assert queues == ["retry.5s", "retry.30s", "retry.2m"]
    assert (message.attempt, message.first_failed_at) == (4, 100.0)


def test_a_try_that_did_not_take_place_is_not_counted_and_waits_no_longer() -> None:
    message = replace(MESSAGE, attempt=2)
    for now in (100.0, 200.0):
        publication = SETTLER.settle(
            message, Retry("busy", Code.RATE_LIMIT, not_before_s=7, untried=True), now
        ).publication
        assert publication.exchange == "retry.30s"
        message = publication.message
    assert (message.attempt, message.first_failed_at, message.not_before) == (2, 100.0, 230.0)


def test_a_floor_is_kept_over_several_hops_without_counting_them_as_attempts() -> None:
    publication: Publication | None = SETTLER.settle(
        MESSAGE, Retry("busy", Code.RATE_LIMIT, not_before_s=100), 0.0
    ).publication
    now, waited = 0.0, []
    while publication is not None:
        delay = {"retry.5s": 5, "retry.30s": 30}[publication.exchange]
        waited.append(delay)
        now += delay
        message = publication.message
        publication = SETTLER.wait_longer(message, now)
    assert sum(waited) >= 100
    assert message.attempt == 2


def test_past_the_greatest_age_a_retry_is_a_dead_letter_that_says_so() -> None:
    old = replace(MESSAGE, attempt=9, first_failed_at=0.0, waited_s=86_400.0)
    settled = SETTLER.settle(old, Retry("portal down", Code.PORTAL_ERROR), 100.0)
    assert settled.kind == "dead"
    assert settled.publication.routing_key == "mover.dead"
    assert settled.publication.headers["attempts"] == 9
    assert settled.publication.headers["error"] == "portal down"
    assert settled.reason == "gave up after 86400 s of waiting: portal down"


def test_time_that_only_passed_makes_nobody_older() -> None:
    """A week in a queue that nobody served, or in the delay queues while the breaker was open."""
    old = replace(MESSAGE, attempt=9, first_failed_at=0.0, waited_s=86_399.0)
    assert SETTLER.settle(old, Retry("portal down", Code.PORTAL_ERROR), 7 * 86_400.0).kind == "retry"


def test_forwarding_twice_gives_one_message_id_and_keeps_the_correlation_id() -> None:
    invoice = InvoiceDetected(file_id=1, title="Invoice", rule="r", destination=2, recipients=("a@b.example",))
    first, again = (SETTLER.settle(MESSAGE, Forward(invoice), now).publication for now in (1.0, 2.0))
    assert first.message.message_id == again.message.message_id != MESSAGE.message_id
    assert first.message.correlation_id == "c"
    assert (first.exchange, first.routing_key, first.mandatory) == ("docspace", "invoice.detected", True)
    assert decode(first.message.body, InvoiceDetected) == invoice


def test_a_skip_is_a_fact_that_nobody_need_listen_to() -> None:
    publication = SETTLER.settle(MESSAGE, Skip("gone", Code.GONE), 1.0).publication
    assert (publication.routing_key, publication.mandatory) == ("event.skipped", False)


def test_dead_keeps_the_body_and_says_stage_and_reason() -> None:
    publication = SETTLER.settle(MESSAGE, Dead("no right", Code.NO_RIGHT), 1.0).publication
    assert (publication.exchange, publication.routing_key) == ("dead", "mover.dead")
    assert publication.message == MESSAGE
    assert (publication.headers["reason"], publication.headers["stage"]) == ("no right", "mover")
    assert publication.headers["code"] == "no-right"
