"""Tells each channel what is due, each thing once: on a thread for each, so that one that hangs holds up none.

Two processes may do so at once. Between the moment that a channel accepts a message and the moment that this is
recorded, a kill makes a second message: the process whose turn comes next sends it again, with the same Message-ID.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import structlog

from console.operator.channels import Channel, Letter
from console.operator.times import Times
from shared.errors import IntakeError, TransientError
from shared.runtime.crash_points import CrashPoint, reached
from shared.store.problems.known import Told
from shared.store.problems.turns import Turns

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ready:
    """A message, and what is recorded once it is sent."""

    letter: Letter
    told: tuple[Told, ...]


class Sending:
    """`ready` says what a channel, by its id, is to be sent now. It is asked when it is the process's turn."""

    def __init__(
        self,
        turns: Turns,
        channels: Iterable[Channel],
        ready: Callable[[str], Sequence[Ready]],
        times: Times,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._turns = turns
        self._channels = {channel.id: channel for channel in channels}
        self._ready = ready
        self._times = times
        self._clock = clock
        self._threads: dict[str, threading.Thread] = {}
        self._failures: dict[str, int] = {}
        self._unrecorded: dict[str, list[Told]] = {}
        """By channel, what was told while the database was away."""

    def tell(self, names: Iterable[str]) -> None:
        """Tell these channels what is due. Returns once all are told, or in time without those that hang."""
        deadline = time.monotonic() + self._times.send_s
        for name in names:
            if (running := self._threads.get(name)) is None or not running.is_alive():
                thread = threading.Thread(target=self._tell, args=(name,), name=f"operator {name}", daemon=True)
                self._threads[name] = thread
                thread.start()
        for thread in self._threads.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def _tell(self, name: str) -> None:
        try:
            with self._turns.taken(name, self._clock()) as token:
                if token is not None:
                    self._in_turn(name)
        except TransientError as error:
            log.warning("operator.not_recorded", channel=name, reason=str(error))

    def _in_turn(self, name: str) -> None:
        if left := self._unrecorded.get(name):
            self._turns.record(left)
            self._unrecorded.pop(name)
        for each in self._ready(name):
            reached(CrashPoint.PROBLEM_CLAIMED)
            if not self._sent(self._channels[name], each.letter):
                return
            reached(CrashPoint.PROBLEM_SENT)
            self._unrecorded[name] = list(each.told)
            self._turns.record(each.told)
            self._unrecorded.pop(name)
            reached(CrashPoint.PROBLEM_RECORDED)
            what = [f"{told.what} of {told.problem}" for told in each.told]
            log.info("operator.told", channel=name, subject=each.letter.full.subject, what=what)

    def _sent(self, channel: Channel, letter: Letter) -> bool:
        try:
            channel.send(letter)
        except Exception as error:  # noqa: BLE001 - a bug in one channel must not keep the operator from hearing
            known = isinstance(error, IntakeError)
            reason = str(error) if known else f"unexpected: {type(error).__name__}"
            failures = self._failures[channel.id] = self._failures.get(channel.id, 0) + 1
            pause_s = self._times.pause_s(failures)
            log.error("operator.not_told", channel=channel.name, reason=reason, again_in_s=pause_s)  # noqa: TRY400
            self._turns.failed(channel.id, reason, self._clock() + pause_s)
            return False
        self._failures.pop(channel.id, None)
        return True
