"""What the broker tells of our consumer: messages that wait in the queue and never come are standing still."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from shared.amqp import presence
from shared.amqp.presence import IDLE_PROBES, STALE_S, Presence


class Loop:
    def call_later(self, _seconds: float, _callback: Callable[[], None]) -> None: ...


class Seen:
    """A presence, the connections that it gave up, and the hand that it asks about."""

    def __init__(self) -> None:
        self.dropped: list[str] = []
        self.served: list[int] = []
        self.in_hand = 0
        self.consuming = True
        loop: Any = Loop()
        self.presence = Presence(
            loop,
            "mover",
            drop=self.dropped.append,
            in_hand=lambda: self.in_hand,
            consuming=lambda: self.consuming,
            on_served=self.served.append,
        )

    def probes(
        self, messages: int, count: int = 1, *, consumers: int = 1, asked_while_consuming: bool = True
    ) -> None:
        """On a connection of their own, as after a loss."""
        self.presence.forget()
        connection: Any = SimpleNamespace(channel=lambda **_: None)
        self.presence.watch(connection)
        channel: Any = SimpleNamespace(connection=connection)
        frame: Any = SimpleNamespace(method=SimpleNamespace(consumer_count=consumers, message_count=messages))
        for _ in range(count):
            self.presence._seen(channel, frame, consuming=asked_while_consuming)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(presence, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def test_messages_that_wait_for_a_minute_and_never_come_are_said_across_connections(now: list[float]) -> None:
    seen = Seen()
    for _ in range(3):
        seen.probes(messages=7, count=IDLE_PROBES)
        assert seen.presence.check() is None
        now[0] += 30
    seen.probes(messages=7)
    assert len(seen.dropped) == 3
    assert seen.presence.check() == "stands still: messages wait in queue mover, and none has come for 90 s"


@pytest.mark.parametrize(("messages", "in_hand"), [(0, 0), (7, 1)])
def test_an_empty_queue_and_a_full_hand_are_no_standing_still(
    now: list[float], messages: int, in_hand: int
) -> None:
    seen = Seen()
    seen.probes(messages=7)
    seen.in_hand = in_hand
    now[0] += 90
    seen.probes(messages)
    assert seen.presence.check() is None


def test_a_queue_without_our_consumer_is_said_and_the_connection_given_up() -> None:
    seen = Seen()
    seen.probes(messages=0, consumers=0)
    assert seen.presence.check() == "the broker shows no consumer on queue mover"
    assert seen.dropped == ["queue mover does not serve our consumer"]
    assert seen.served == []


@pytest.mark.parametrize(("asked_while_consuming", "consuming"), [(True, False), (False, True), (False, False)])
def test_a_pause_before_or_since_the_question_makes_no_consumer_no_fault(
    now: list[float], *, asked_while_consuming: bool, consuming: bool
) -> None:
    seen = Seen()
    seen.consuming = consuming
    for consumers in (0, 1):
        seen.probes(7, IDLE_PROBES, consumers=consumers, asked_while_consuming=asked_while_consuming)
    now[0] += STALE_S
    assert (seen.presence.check(), seen.dropped, seen.served) == (None, [], [])


def test_a_broker_that_answers_no_more_is_said_after_12_s(now: list[float]) -> None:
    seen = Seen()
    assert seen.presence.check() == "the broker has not shown our consumer on queue mover yet"
    seen.probes(messages=0, consumers=2)
    assert seen.served == [2]
    now[0] += STALE_S
    assert seen.presence.check() is None
    now[0] += 1
    assert seen.presence.check() == "the broker has not answered for 13 s"
    seen.presence.forget()
    assert seen.presence.check() == "the broker has not shown our consumer on queue mover yet"
