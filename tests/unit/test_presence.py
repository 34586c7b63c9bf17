"""What the broker tells of our consumer: messages that wait in the queue and never come are standing still."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from shared.amqp import presence
from shared.amqp.presence import IDLE_PROBES, Presence


class Loop:
    def call_later(self, _seconds: float, _callback: Callable[[], None]) -> None: ...


class Seen:
    """A presence, the connections that it gave up, and the hand that it asks about."""

    def __init__(self) -> None:
        self.dropped: list[str] = []
        self.in_hand = 0
        loop: Any = Loop()
        self.presence = Presence(
            loop,
            "mover",
            drop=self.dropped.append,
            in_hand=lambda: self.in_hand,
            consuming=lambda: True,
            on_served=lambda _: None,
        )

    def probes(self, messages: int, count: int = 1) -> None:
        """On a connection of their own, as after a loss."""
        self.presence.forget()
        connection: Any = SimpleNamespace(channel=lambda **_: None)
        self.presence.watch(connection)
        channel: Any = SimpleNamespace(connection=connection)
        frame: Any = SimpleNamespace(method=SimpleNamespace(consumer_count=1, message_count=messages))
        for _ in range(count):
            self.presence._seen(channel, frame, consuming=True)


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
