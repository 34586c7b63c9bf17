"""`python -m demo --once` ends with exit code 0 only if every sample was filed and announced as it should."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.samples import SAMPLES
from tests.support.compose import ROOT
from tests.support.waiting import wait_until


def demo(*arguments: str, timeout_s: float) -> subprocess.CompletedProcess[str]:
    # A portal that this shell names must stay out of the demo.
    environment = os.environ | {"DOCSPACE_API_HOST": "https://portal.invalid", "RULES_FILE": "missing.toml"}
    return subprocess.run(
        [sys.executable, "-m", "demo", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


@pytest.mark.timeout(240)
def test_the_demo_in_processes_ends_well() -> None:
    done = demo("--once", "--processes", timeout_s=230)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("  yes") == len(SAMPLES)


@pytest.mark.containers
@pytest.mark.timeout(600)
def test_the_demo_in_containers_ends_well() -> None:
    done = demo("--once", "--containers", timeout_s=590)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("  yes") == len(SAMPLES)


@pytest.mark.timeout(240)
def test_ctrl_c_stops_the_demo_and_all_that_it_started() -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "demo", "--processes"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        directory = next(line.split()[-1].rsplit("/", 1)[0] for line in lines if "intake-demo-" in line)
        process.send_signal(signal.SIGINT)
        rest = "".join(lines)
        assert process.wait(60) == 0, rest
    assert "Traceback" not in rest
    wait_until(lambda: not _mentions(directory), 5, "the end of all that the demo started")


def _mentions(directory: str) -> list[str]:
    """Processes whose environment names the demo's directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if directory.encode() in (process / "environ").read_bytes():
                found.append(process.name)
    return found
