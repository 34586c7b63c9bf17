"""Which messages of the stream still wait for their next try."""

from dataclasses import replace

from msgspec.structs import replace as replaced

from shared.amqp.operator.hurried import still_waiting
from shared.runtime.settle import DEAD
from shared.store.history.step import Delivery
from shared.text.codes import Code
from shared.wire.outcome import Dead, Retry
from tests.unit.test_history import SETTLER, WEBHOOK, on_stream, received

RETRIED = on_stream(SETTLER.settle(WEBHOOK, Retry("down", Code.PORTAL_ERROR), 1_000).publication)  # for 5 s
AGAIN = on_stream(SETTLER.settle(RETRIED.message, Retry("down", Code.PORTAL_ERROR), 1_005).publication)  # for 30 s
DIED = on_stream(SETTLER.settle(RETRIED.message, Dead("no", Code.NO_RIGHT), 1_006).publication)
REPLAYED = replace(RETRIED, exchange=DEAD, routing_key="classifier.replayed")
THIS = frozenset({WEBHOOK.correlation_id})


def test_the_last_retry_of_a_message_waits_until_its_delay_is_over() -> None:
    stream = [received(), RETRIED, AGAIN]
    assert still_waiting(stream, THIS, 1_034.9) == [AGAIN]
    assert still_waiting(stream, THIS, 1_035) == []
    assert still_waiting([received()], THIS, 1_000) == []


def test_what_died_or_was_hurried_before_waits_no_more() -> None:
    assert still_waiting([RETRIED, DIED], THIS, 1_001) == []
    assert still_waiting([RETRIED, REPLAYED], THIS, 1_001) == []


def test_other_uploads_are_left_alone_and_twins_are_both_taken() -> None:
    twin, other = of(message_id="n"), of(message_id="o", correlation_id="d")
    assert still_waiting([RETRIED, twin, other], THIS, 1_001) == [RETRIED, twin]


def test_a_message_with_a_time_of_its_own_waits_until_then() -> None:
    later = of(not_before=2_000.0)
    assert still_waiting([later], THIS, 1_999) == [later]


def of(**changed: object) -> Delivery:
    return replace(RETRIED, message=replaced(RETRIED.message, **changed))
