"""Functions that stand in a child for the reading of a file, and do what no reading should be able to."""

import contextlib
import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from shared.wire.facts import Facts, Source

BIG = 2 * 1024**3


def told(text: str) -> Facts:
    return Facts(source=Source.XML, number=text)


def act(content: bytes) -> Facts:
    """What the file names."""
    name, _, given = content.decode().partition(" ")
    return ACTS[name](given)


def _tried(trying: Callable[[], object]) -> Facts:
    try:
        found = trying()
    except (OSError, ValueError, ImportError) as error:
        return told(type(error).__name__)
    return told(f"did it: {found!r}"[:100])


def _signal(given: str) -> Facts:
    pid = os.getppid() if given == "parent" else int(given)
    return _tried(lambda: os.kill(pid, signal.SIGKILL))


def _spin(_: str) -> Facts:
    while True:
        pass


def _sleep(_: str) -> Facts:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        time.sleep(0.1)
    return told("slept")


def _memory(_: str) -> Facts:
    return told(str(len(bytearray(BIG))))


def _native_memory(_: str) -> Facts:
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    return told(str(libc.malloc(ctypes.c_size_t(BIG))))


def _garbage(_: str) -> Facts:
    for number in range(3, 100):
        with contextlib.suppress(OSError):
            os.write(number, b"}garbage{")
    os._exit(0)


def _exit(given: str) -> Facts:
    os._exit(int(given))


def _crash(_: str) -> Facts:
    return told(ctypes.string_at(0).decode())


def _raise(_: str) -> Facts:
    raise KeyError("a bug")


ACTS = {
    "say": told,
    "open": lambda path: _tried(lambda: Path(path).read_text()),
    "write": lambda path: _tried(lambda: Path(path).write_text("x")),
    "socket": lambda _: _tried(socket.socket),
    "pair": lambda _: _tried(socket.socketpair),
    "resolve": lambda _: _tried(lambda: socket.getaddrinfo("localhost", 80)),
    "fork": lambda _: _tried(os.fork),
    "run": lambda _: _tried(lambda: subprocess.run(["/bin/true"], check=True)),
    "exec": lambda _: _tried(lambda: os.execv(sys.executable, ["python"])),
    "signal": _signal,
    "memory file": lambda _: _tried(lambda: os.memfd_create("x")),
    "environment": lambda _: told(str(sorted(os.environ))),
    "descriptors": lambda _: told(str([n for n in range(100) if _is_open(n)])),
    "spin": _spin,
    "sleep": _sleep,
    "memory": _memory,
    "native-memory": _native_memory,
    "much": lambda _: told("x" * 1_000_000),
    "garbage": _garbage,
    "exit": _exit,
    "crash": _crash,
    "raise": _raise,
}


def _is_open(number: int) -> bool:
    try:
        os.lseek(number, 0, os.SEEK_CUR)
    except OSError as error:
        return error.errno != errno.EBADF  # of a pipe there is no place to go to
    return True
