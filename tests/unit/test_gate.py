"""An endpoint's breaker: opens for an endpoint that is down, and not for one event that it will never take."""

from dispatcher.gate import Gate
from shared.wire.message import Message


def message(number: int) -> Message:
    return Message(body=b"{}", type="t", message_id=f"m-{number}", correlation_id="c", timestamp=1)


def test_five_different_events_that_fail_in_a_row_open_it() -> None:
    gate = Gate()
    for number in range(4):
        gate.refused(message(number), "it answered 500")
    assert gate.reason is None
    gate.refused(message(4), "it answered 502")
    assert gate.reason == "it answered 502"


def test_one_event_that_fails_again_and_again_does_not_open_it() -> None:
    gate = Gate()
    for _ in range(50):
        gate.refused(message(1), "it answered 500")
    assert gate.reason is None


def test_an_event_that_is_accepted_in_between_begins_the_count_anew() -> None:
    gate = Gate()
    for number in range(4):
        gate.refused(message(number), "down")
    gate.accepted()
    for number in range(4):
        gate.refused(message(number), "down")
    assert gate.reason is None


def test_what_the_endpoint_asks_for_opens_it_at_once_and_is_waited_for() -> None:
    gate = Gate()
    gate.refused(message(1), "it answered 429", wait_s=500)
    assert gate.reason == "it answered 429"
    assert 490 < gate.next_wait_s() <= 500


def test_the_events_that_failed_are_tried_in_turn() -> None:
    gate = Gate()
    for number in range(3):
        gate.refused(message(number), "down")
    tried = [sample.message_id for _ in range(6) if (sample := gate.sample())]
    assert sorted(tried) == sorted(2 * ["m-0", "m-1", "m-2"])
    gate.close()
    assert gate.sample() is None
