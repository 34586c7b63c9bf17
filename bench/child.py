"""One contender's processes: started, their CPU time read while they live, ended in order."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parent.parent
PEERS = Path(__file__).parent / "peers"
PRODUCT = sys.executable
ENV = ROOT / ".venv-bench"
PEER = str(ENV / "bin" / "python")
STOP_TIMEOUT_S = 30.0
LOG_TAIL_LINES = 15
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class ContenderError(RuntimeError):
    """It ended, did not get ready, or lost or doubled something; the message carries the end of its log."""


class Child:
    """A context manager. What it prints goes to a file, as a container engine's log driver would have it."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environ},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """SIGTERM, as an operator would; then whatever of its session still runs is killed."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            pass
        finally:
            for pid in self._session():
                os.kill(pid, signal.SIGKILL)
            self._process.wait(STOP_TIMEOUT_S)

    def check(self) -> None:
        """ContenderError if it has ended by itself."""
        if self._process.poll() is not None:
            raise self.failed(f"ended with code {self._process.returncode}")

    def log(self) -> str:
        """What it has printed so far."""
        return self._log.read_text(errors="replace")

    def failed(self, reason: str) -> ContenderError:
        lines = self.log().splitlines()[-LOG_TAIL_LINES:]
        return ContenderError("\n".join([reason, *lines]))

    def cpu_s(self) -> float:
        """User and system time of all its processes, so far. Two readings leave start and imports out."""
        return sum(_ticks(pid) for pid in self._session()) / _TICKS_PER_S

    def peak_memory_mb(self) -> float:
        """Of the process that was started: resident, at its most so far."""
        status = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))

    def _session(self) -> list[int]:
        pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return [pid for pid in pids if _stat(pid)[3:4] == [str(self._process.pid)]]


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; none if it has just ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _ticks(pid: int) -> int:
    return sum(int(field) for field in _stat(pid)[11:13])
