"""What the tests start by a fork is and ends as what `python -m` starts."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import forks
from tests.support.waiting import wait_until

ENVIRON = {"PATH": "/usr/bin", "AMQP_URL": "amqp://127.0.0.1:9/"}


ENDS = [("console", "--version"), ("console", "no-command"), ("mover",), ("tests.support.crashing",)]
"""With 0; with 2 for a person's mistake and for a setting's; and with what nobody catches."""


@pytest.mark.parametrize("command", ENDS)
def test_it_writes_and_ends_as_a_new_interpreter(command: tuple[str, ...]) -> None:
    forked = forks.run((sys.executable, "-m", *command), ENVIRON)
    new = subprocess.run((sys.executable, "-m", *command), env=ENVIRON, capture_output=True, text=True, check=False)
    assert (forked.returncode, forked.stdout) == (new.returncode, new.stdout)
    assert forked.stderr.splitlines()[-1:] == new.stderr.splitlines()[-1:]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_each_is_a_process_of_its_own_that_one_signal_ends(tmp_path: Path, number: int) -> None:
    log, command = tmp_path / "log", (sys.executable, "-m", "console", "web")
    with log.open("wb") as out:
        both = [forks.start(command, ENVIRON | {"HOME": str(tmp_path)}, out) for _ in range(2)]
    first, second = both
    assert isinstance(first, forks.Fork)
    assert (first.pid != second.pid, first.poll(), second.poll()) == (True, None, None)
    first.send_signal(number)
    assert first.wait(30) in (-number, 0)
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(0.1)
    second.kill()
    assert second.wait(30) == -signal.SIGKILL
    wait_until(lambda: not any(Path(f"/proc/{each.pid}").exists() for each in both), 10, "both to be gone")


def test_what_only_a_new_interpreter_hears_starts_one() -> None:
    process = forks.start((sys.executable, "-m", "mover"), ENVIRON | {"PYTHONUNBUFFERED": "1"}, None)
    assert isinstance(process, subprocess.Popen)
    process.kill()
    process.wait(30)
