"""How long a connection may take to do its work: longer while the broker answers that something is missing."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from shared.amqp.client import link as module
from shared.amqp.client.link import SETTLE_WITHIN_S, Link


class Loop:
    """Calls back as its clock is put forward."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._due: list[tuple[float, Callable[[], None]]] = []

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> None:
        self._due.append((self.now + delay_s, callback))

    def forward(self, seconds: float) -> None:
        self.now += seconds
        due = [callback for at, callback in self._due if at <= self.now]
        self._due = [(at, callback) for at, callback in self._due if at > self.now]
        for callback in due:
            callback()


class Connection:
    is_open = True
    closed_for = ""

    def __init__(self, *_: object, on_open_callback: Callable[[Any], None], **__: object) -> None:
        self.opened = on_open_callback

    def add_on_connection_blocked_callback(self, _: object) -> None:
        pass

    add_on_connection_unblocked_callback = add_on_connection_blocked_callback

    def close(self, reply_text: str) -> None:
        self.closed_for = reply_text

    def abort(self, reason: str) -> None:
        self.closed_for = reason


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Loop:
    loop = Loop()
    monkeypatch.setattr(time, "monotonic", lambda: loop.now)
    monkeypatch.setattr(module, "Connection", Connection)
    return loop


def opened(loop: Loop) -> tuple[Link, Connection]:
    arguments: Any = (loop, ["amqp://127.0.0.1/"], "l", lambda _: None, lambda _: None)
    link = Link(*arguments)
    link.connect()
    connection: Any = link._connection
    connection.opened(connection)
    return link, connection


def test_a_connection_that_is_not_settled_in_time_is_given_up(loop: Loop) -> None:
    _, connection = opened(loop)
    loop.forward(SETTLE_WITHIN_S - 1)
    assert not connection.closed_for
    loop.forward(2)
    assert "did not answer our declarations" in connection.closed_for


def test_one_that_is_answered_though_something_is_missing_stays(loop: Loop) -> None:
    link, connection = opened(loop)
    for _ in range(20):
        loop.forward(SETTLE_WITHIN_S / 4)
        link.stand("the topology is missing")
    assert not connection.closed_for
    for _ in range(6):
        loop.forward(SETTLE_WITHIN_S / 4)
    assert "did not answer our declarations" in connection.closed_for, "the last look was not answered"


def test_one_that_is_settled_stays(loop: Loop) -> None:
    link, connection = opened(loop)
    link.settled()
    loop.forward(10 * SETTLE_WITHIN_S)
    assert not connection.closed_for
