"""Processes that start with their imports done: forks of one process, `tests.support.forking`."""

import atexit
import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from tests.support.compose import ROOT

OF_THE_INTERPRETER = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_", "GLIBC_")
"""What these variables say is heard at an interpreter's start alone."""
one_at_a_time = threading.Lock()


class Fork:
    """Of subprocess.Popen, what the tests use."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], out: int, err: int) -> None:
        """`python -m COMMAND`, in a session of its own; `out` and `err` are open files."""
        self.args, self.returncode = command, None
        self._end, asker = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        wanted = {"command": [*command], "environ": {**environ}, "folder": str(Path.cwd())}
        with asker, one_at_a_time:
            socket.send_fds(_forking(), [json.dumps(wanted).encode()], [asker.fileno(), out, err])
        told, given, _, _ = socket.recv_fds(self._end, 64, 1)
        assert told, "the process that forks has ended"
        (self._pidfd,) = given
        self.pid = int(told)

    returncode: int | None

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._end.settimeout(timeout)
            try:
                told = self._end.recv(64)
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
            assert told, "the process that forks has ended"
            self.returncode = int(told)
            os.close(self._pidfd)
            self._end.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # ended, and not yet told
                signal.pidfd_send_signal(self._pidfd, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


Started = Fork | subprocess.Popen[bytes]


def start(
    command: Sequence[str], environ: Mapping[str, str], log: BinaryIO | None, cwd: Path | None = None
) -> Started:
    """In a session of its own. What it writes goes to the log, or nowhere. A module of this tree is forked."""
    with Path(os.devnull).open("wb") as nowhere:
        out = log or nowhere
        if cwd is None and _is_forked(command, environ):
            return Fork(command[2:], environ, out.fileno(), out.fileno())
        return subprocess.Popen(command, env=environ, cwd=cwd, stdout=out, stderr=out, start_new_session=True)


def run(
    command: Sequence[str], environ: Mapping[str, str], timeout_s: float = 90
) -> subprocess.CompletedProcess[str]:
    """To its end. A module of this tree is forked."""
    if not _is_forked(command, environ):
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=timeout_s, check=False)
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = Fork(command[2:], environ, out.fileno(), err.fileno())
        try:
            code = process.wait(timeout_s)
        finally:
            process.kill()
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(command, code, out.read(), err.read())


def _is_forked(command: Sequence[str], environ: Mapping[str, str]) -> bool:
    return tuple(command[:2]) == (sys.executable, "-m") and not any(map(_of_the_interpreter, environ))


def _of_the_interpreter(name: str) -> bool:
    return name.startswith(OF_THE_INTERPRETER)


@functools.cache
def _forking() -> socket.socket:
    """It ends once nobody holds the other end."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.forking"],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"]},
            cwd=ROOT,
            start_new_session=True,  # Ctrl-C is for whoever asks
        )
    atexit.register(process.wait)
    atexit.register(ours.close)  # before
    return ours
