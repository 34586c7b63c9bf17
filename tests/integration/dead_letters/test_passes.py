"""A pass over the dead letters that is disturbed: by a new letter, by another pass, by its own end."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from shared.amqp.confirms import UnavailableError
from shared.amqp.operator.dead_letters import DeadLetters, Verdict
from tests.integration.dead_letters.desk import bury, ids_in, tired
from tests.support.runtime import plain_channel
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[3]
MANY = 300


def test_a_letter_that_dies_during_a_pass_stays_for_the_next(url: str) -> None:
    bury(url, tired(1), reason="no right")
    with DeadLetters([url]) as letters:
        for _ in letters.sweep("mover", lambda _: Verdict.REPLAY):
            bury(url, tired(2), reason="no right")
    assert list(ids_in(url, "mover.dead")) == [tired(2).message_id]


def test_two_commands_never_work_at_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.amqp.operator.alone._LOCK_PATIENCE_S", 0.2)
    with DeadLetters([url]), pytest.raises(UnavailableError, match="busy"):
        DeadLetters([url])
    with DeadLetters([url]):
        pass


@pytest.mark.parametrize("command", [("replay", "--all"), ("list",)])
def test_a_command_killed_midway_loses_nothing(url: str, command: tuple[str, ...]) -> None:
    messages = [tired(number) for number in range(MANY)]
    bury(url, *messages, reason="no right")
    process = subprocess.Popen(
        [sys.executable, "-m", "console", "dead", *command],
        cwd=ROOT,
        env={**os.environ, "AMQP_URL": url},
        stdout=subprocess.DEVNULL,
    )
    with plain_channel(url) as channel:

        def waits(queue: str) -> int:
            return int(channel.queue_declare(queue, passive=True).method.message_count)

        def midway() -> bool:
            """A hundred are done, or for a pass that keeps all: another than the oldest is first in the queue."""
            if command[0] == "replay":
                return waits("mover") >= MANY // 3
            return waits("mover.dead") != MANY

        try:
            wait_until(midway, timeout_s=30, what="the command to be midway", every_s=0.001)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        # each queue learns for itself that its reader is gone, and only then has the letter again
        wait_until(lambda: waits("mover") + waits("mover.dead") >= MANY, 30, "every letter to lie in a queue")
    assert process.returncode == -signal.SIGKILL
    with DeadLetters([url]) as letters:  # has the lock: the broker knows that the killed one is gone
        left = Counter(letter.message_id for letter in letters.read("mover"))
    replayed = ids_in(url, "mover")
    assert set(left) | set(replayed) == {message.message_id for message in messages}
    assert sum(left.values()) + sum(replayed.values()) <= MANY + 1
    if command[0] == "replay":
        assert left
        assert replayed
