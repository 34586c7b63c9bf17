"""When a stage that has messages in hand counts as standing still."""

import pytest

from shared.amqp.progress import STANDS_STILL_S, Progress


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def progress(clock: Clock) -> Progress:
    return Progress(clock)


def later(clock: Clock, progress: Progress, seconds: float) -> None:
    clock.now += seconds
    progress.turned()


def test_a_stage_without_messages_does_not_stand_still(progress: Progress, clock: Clock) -> None:
    later(clock, progress, 10 * STANDS_STILL_S)
    assert progress.check(0) is None


def test_a_minute_after_the_first_of_them_came_it_does(progress: Progress, clock: Clock) -> None:
    later(clock, progress, 10 * STANDS_STILL_S)
    progress.began()
    later(clock, progress, STANDS_STILL_S)
    assert progress.check(3) is None
    later(clock, progress, 1)
    assert progress.check(3) == "stands still: of 3 messages in hand none was settled for 61 s"


def test_each_that_is_settled_gives_the_others_another_minute(progress: Progress, clock: Clock) -> None:
    progress.began()
    for _ in range(5):
        later(clock, progress, STANDS_STILL_S)
        progress.made()
    assert progress.check(3) is None


def test_what_comes_again_after_a_lost_connection_is_no_new_beginning(progress: Progress, clock: Clock) -> None:
    progress.began()
    for _ in range(3):
        later(clock, progress, STANDS_STILL_S / 2)
        progress.lost(in_hand=2)
        progress.began()
    assert progress.check(2) == "stands still: of 2 messages in hand none was settled for 90 s"


def test_what_comes_long_after_a_lost_connection_is_a_new_beginning(progress: Progress, clock: Clock) -> None:
    progress.began()
    progress.lost(in_hand=2)
    later(clock, progress, 2 * STANDS_STILL_S)
    progress.began()
    assert progress.check(2) is None


def test_a_connection_that_was_lost_with_nothing_in_hand_changes_nothing(progress: Progress, clock: Clock) -> None:
    progress.lost(in_hand=0)
    later(clock, progress, STANDS_STILL_S / 2)
    progress.began()
    later(clock, progress, STANDS_STILL_S)
    assert progress.check(1) is None


def test_a_loop_that_does_not_turn_is_said_with_or_without_messages(progress: Progress, clock: Clock) -> None:
    clock.now += STANDS_STILL_S + 1
    assert progress.check(0) == "stands still: the thread of the broker's connections has done nothing for 61 s"
