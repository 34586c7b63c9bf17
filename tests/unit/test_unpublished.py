"""A stage whose messages the broker does not take is not ready after a minute, and says why."""

from shared.amqp.progress import STANDS_STILL_S
from shared.amqp.unpublished import Unpublished


def test_it_is_told_of_the_one_that_waits_longest_with_its_last_reason() -> None:
    now = [0.0]
    unpublished = Unpublished(lambda: now[0])
    unpublished.failed(1, "nacked")
    now[0] = STANDS_STILL_S / 2
    unpublished.failed(2, "unroutable")
    unpublished.failed(1, "unroutable")
    now[0] = STANDS_STILL_S
    assert unpublished.check() is None
    now[0] += 1
    assert unpublished.check() == "the broker has not taken what came of a message for 61 s: unroutable"
    unpublished.over(1)
    assert unpublished.check() is None
    now[0] += STANDS_STILL_S
    assert unpublished.check() is not None


def test_a_new_session_begins_anew_and_what_is_taken_was_never_late() -> None:
    now = [0.0]
    unpublished = Unpublished(lambda: now[0])
    unpublished.failed(1, "nacked")
    unpublished.over(2)
    unpublished.clear()
    now[0] = 2 * STANDS_STILL_S
    assert unpublished.check() is None
