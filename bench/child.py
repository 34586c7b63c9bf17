"""One contender's processes: started, their CPU time read while they live, ended in order."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from bench import product
from bench.proc import cpu_s, resident_mb, stat
from bench.product import ROOT

PEERS = Path(__file__).parent / "peers"
ENV = ROOT / ".venv-bench"
PEER = str(ENV / "bin" / "python")
STOP_TIMEOUT_S = 30.0
LOG_TAIL_LINES = 15


class ContenderError(RuntimeError):
    """It ended, did not get ready, or lost or doubled something; the message carries the end of its log."""


class Child:
    """A context manager. What it prints goes to a file, as a container engine's log driver would have it."""

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str], log: Path, *, place: Path | None = None
    ) -> None:
        """`place` is the checkout whose code it runs; by default the measured product's."""
        place = place or product.root()
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=place,
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": os.environ.get("HOME", "/"),
                    **product.imports_from(place),
                    **environ,
                },
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
        self.end()

    def end(self) -> None:
        """SIGTERM, as an operator would; then whatever of its session still runs is killed. Safe to repeat."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            pass
        finally:
            for pid in self._session():
                os.kill(pid, signal.SIGKILL)
            self._process.wait(STOP_TIMEOUT_S)

    @property
    def pid(self) -> int:
        return self._process.pid

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
        return sum(cpu_s(pid) for pid in self._session())

    def resident_mb(self) -> float:
        """Of all its processes together."""
        return sum(resident_mb(pid) for pid in self._session())

    def peak_memory_mb(self) -> float:
        """Of the process that was started: resident, at its most so far."""
        status = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))

    def _session(self) -> list[int]:
        pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return [pid for pid in pids if stat(pid)[3:4] == [str(self._process.pid)]]
