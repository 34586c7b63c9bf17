"""Answers the broker for each delivery of a channel: an ack once its message is settled, a reject if a bug kept
it from being settled.

To be used on the loop's thread; any thread may ask for the length.
"""

import time
from collections.abc import Callable

from pika.adapters.select_connection import IOLoop
from pika.channel import Channel

from shared.amqp.acks import HEAD_PATIENCE_S, AckWindow
from shared.runtime.crash_points import CrashPoint, reached


class Answers:
    def __init__(self, loop: IOLoop, channel: Callable[[], Channel | None]) -> None:
        """`channel` returns the open channel that the deliveries came on, or None if it is lost."""
        self._loop = loop
        self._channel = channel
        self._window = AckWindow()
        self._flushing = False

    def __len__(self) -> int:
        """Deliveries without an answer."""
        return len(self._window)

    def owe(self, tag: int) -> None:
        """A delivery came."""
        self._window.add(tag)

    def ack(self, tag: int) -> None:
        self._window.finish(tag)
        if not self._flushing:
            self._flushing = True
            self._loop.call_later(0, self._flush)  # after the whole batch of confirms was read

    def reject(self, tag: int) -> bool:
        """Reject it, so that the broker makes a dead letter of it. False if there is no channel to reject it on."""
        channel = self._channel()
        if channel is None:
            return False
        self._window.forget(tag)
        channel.basic_reject(tag, requeue=False)
        return True

    def void(self) -> int:
        """The channel is lost: the broker delivers again whatever has no answer. Returns how many those are."""
        lost = len(self._window)
        self._window = AckWindow()
        return lost

    def _flush(self) -> None:
        self._flushing = False
        channel = self._channel()
        if channel is None:
            return
        for ack in self._window.take(time.monotonic()):
            channel.basic_ack(ack.tag, multiple=ack.multiple)
            reached(CrashPoint.MESSAGE_ACKED)
        if self._window.waiting:
            self._flushing = True
            self._loop.call_later(HEAD_PATIENCE_S, self._flush)
