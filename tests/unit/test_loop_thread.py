"""The thread that runs pika's loop, or an event loop of asyncio in its place."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
import uvloop

from shared.amqp.client.loop import AsyncioLoop, LoopThread
from shared.threads import vital

LOOPS: dict[str, Callable[[], AsyncioLoop | None]] = {
    "pika's": lambda: None,
    "asyncio's": lambda: AsyncioLoop(asyncio.new_event_loop()),
    "uvloop's": lambda: AsyncioLoop(uvloop.new_event_loop()),
}


@pytest.fixture(autouse=True)
def died(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set where the process is to end; this process is not."""
    died = threading.Event()
    monkeypatch.setattr(vital, "died", died)
    return died


@pytest.fixture(params=LOOPS)
def thread(request: pytest.FixtureRequest) -> Iterator[LoopThread]:
    thread = LoopThread("loop", lambda: None, LOOPS[request.param]())
    thread.start()
    yield thread
    thread.call(thread.loop.stop)
    thread.join(10)


def test_a_callback_that_fails_ends_the_loop_and_is_seen(thread: LoopThread, died: threading.Event) -> None:
    thread.call(fail)
    assert died.wait(10)


def test_a_timer_that_fails_ends_it_too(thread: LoopThread, died: threading.Event) -> None:
    thread.call(lambda: thread.loop.call_later(0.01, fail))
    assert died.wait(10)


def test_what_else_runs_on_an_event_loop_does_not_end_it_by_failing(
    caplog: pytest.LogCaptureFixture, died: threading.Event
) -> None:
    loop = uvloop.new_event_loop()
    thread, alive = LoopThread("loop", lambda: None, AsyncioLoop(loop)), threading.Event()
    thread.start()
    loop.call_soon_threadsafe(fail)
    thread.call(alive.set)
    assert alive.wait(10)
    thread.call(thread.loop.stop)
    thread.join(10)
    assert not died.is_set()
    assert "a bug in a callback" in caplog.text


def test_a_loop_that_is_stopped_has_not_died(thread: LoopThread, died: threading.Event) -> None:
    thread.call(thread.loop.stop)
    thread.join(10)
    assert not died.is_set()
    thread.call(fail)  # and nothing happens


def fail() -> NoReturn:
    raise RuntimeError("a bug in a callback")
