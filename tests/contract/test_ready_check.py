"""The image's health check, run by bash against a worker's real health server."""

import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from shared.runtime.health import HealthServer, Readiness
from shared.runtime.metrics import Metrics
from tests.support.waiting import wait_until

SCRIPT = Path(__file__).parents[2] / "shared/runtime/ready.sh"
BASH = shutil.which("bash") or "bash"
EVERY_S, GOES_ON_S, ANSWER_WITHIN_S = 0.2, 2, 1


class Checked:
    """A health server, and the check with shorter times and a mark of its own."""

    def __init__(self, folder: Path) -> None:
        self.fault: str | None = None
        self.asked = 0
        self.mark = folder / "mark"
        readiness = Readiness({"broker": self._check}, Metrics())
        self.server = HealthServer("127.0.0.1", 0, readiness, Metrics())
        self.server.start()
        self._script = folder / "ready.sh"
        text = SCRIPT.read_text()
        for name, was, now in (
            ("every_s", 5, EVERY_S),
            ("goes_on_s", 30, GOES_ON_S),
            ("answer_within_s", 3, ANSWER_WITHIN_S),
            ("last", "/dev/shm/ready", self.mark),
        ):
            assert f"\n{name}={was}" in text
            text = text.replace(f"\n{name}={was}", f"\n{name}={now}")
        self._script.write_text(text)

    def _check(self) -> str | None:
        self.asked += 1
        return self.fault

    def start(self, port: int | None = None, *arguments: str, worker: str = "mover") -> "subprocess.Popen[str]":
        """Without a PATH, so that bash would complain of any other program."""
        environ = {"PATH": "", "WORKER": worker, "HEALTH_PORT": str(self.server.port if port is None else port)}
        return subprocess.Popen(
            [BASH, self._script, *arguments], env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, port: int | None = None, *arguments: str, worker: str = "mover") -> tuple[int, str]:
        """Its exit code, and what it printed."""
        process = self.start(port, *arguments, worker=worker)
        printed, complained = process.communicate(timeout=30)
        assert "ommand not found" not in complained
        assert "No such file" not in complained
        return process.returncode, printed


@pytest.fixture
def checked(tmp_path: Path) -> Checked:
    return Checked(tmp_path)


def test_the_first_check_asks_once_and_starts_no_program(checked: Checked) -> None:
    process = checked.start()
    assert process.communicate(timeout=30) == ("", "")
    assert (process.returncode, checked.asked) == (0, 1)


def test_a_process_that_is_not_ready_fails_and_the_check_shows_why(checked: Checked) -> None:
    checked.fault = "no connection to the broker"
    code, printed = checked.run()
    assert code == 1
    assert "no connection to the broker" in printed


def test_a_check_that_follows_a_good_one_goes_on_asking(checked: Checked) -> None:
    checked.run()
    began = time.monotonic()
    assert checked.run() == (0, "")
    assert time.monotonic() - began >= GOES_ON_S - 1  # bash counts whole seconds
    assert checked.asked > 3


def test_a_check_that_goes_on_ends_at_the_first_fault_and_the_next_asks_once(checked: Checked) -> None:
    checked.run()
    process = checked.start()
    wait_until(lambda: checked.asked >= 3, 30, "the check to go on")
    checked.fault = "gone"
    assert process.wait(30) == 1
    assert "gone" in process.communicate()[0]
    checked.fault, before = None, checked.asked
    assert checked.run() == (0, "")
    assert checked.asked == before + 1


def test_a_check_that_was_killed_counts_as_a_fault_for_the_next(checked: Checked) -> None:
    checked.run()
    process = checked.start()
    wait_until(lambda: checked.asked >= 2, 30, "the check to go on")
    process.kill()
    process.communicate()
    before = checked.asked
    assert checked.run() == (0, "")
    assert checked.asked == before + 1


def test_a_process_that_does_not_answer_or_is_not_there_fails_in_time(checked: Checked) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hangs:
        port = hangs.getsockname()[1]
        began = time.monotonic()
        assert checked.run(port) == (1, f"http://127.0.0.1:{port}/readyz: no answer within 1 s\n")
        assert ANSWER_WITHIN_S <= time.monotonic() - began < 20
    assert checked.run(port)[0] == 1


def test_where_nothing_is_to_be_asked_all_is_well(checked: Checked) -> None:
    assert checked.run(0) == (0, "")


def test_another_address_may_be_given(checked: Checked) -> None:
    checked.fault = "not ready"
    assert checked.run(1, str(checked.server.port), "healthz") == (0, "")
