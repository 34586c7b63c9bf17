"""Reads files in children, one a file, so that no file can harm the process that works with the broker.

Each place has a zygote (`reader.isolation.zygote`), from which its children are forked: loading Python and PDFium
for each file would take longer than the reading. The worker itself has threads, and is never forked.
"""

import contextlib
import fcntl
import hashlib
import os
import queue
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import msgspec

from reader.isolation.cage import Limits
from reader.isolation.zygote import READY, Ended
from shared.wire.facts import Facts, Unread

MOST_FOUND_BYTES = 64 * 1024
LIMITS = Limits()
READ = "reader.document:read"
START_S = 10.0
"""For a zygote to load all. On an idle machine it takes 0.2 s."""
SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
GRACE_S = 4.0
"""After the child's own time, for the zygote to end it and say so. One that does not is ended itself."""


class Children:
    """Serves as many threads as it has places."""

    def __init__(self, places: int, read: str = READ, limits: Limits = LIMITS) -> None:
        """`read` names a function of bytes that returns Facts, `module:function`."""
        self._free: queue.LifoQueue[_Place] = queue.LifoQueue()
        self._every = [_Place(read, limits) for _ in range(places)]
        for place in self._every:
            self._free.put(place)

    def start(self) -> None:
        """Loads all, so that the first file does not wait for it. Repeating is safe."""
        for place in self._every:
            place.start()

    def read(self, content: bytes) -> Facts:
        """What the file says; `unread` if a child could not say it. Waits for a place."""
        place = self._free.get()
        try:
            facts = place.read(content)
        finally:
            self._free.put(place)
        return msgspec.structs.replace(facts, sha256=hashlib.sha256(content).hexdigest())

    def check(self) -> str | None:
        """Why nothing can be read now; None where it can, or nothing was read yet."""
        faults = [place.fault for place in self._every]
        return faults[0] if all(faults) else None

    def note(self) -> str | None:
        """What holds less than it could; None where all holds."""
        if any(place.unconfined for place in self._every):
            return "the kernel takes no filter of system calls: limits alone keep a file's reading from the rest"
        return None

    def close(self) -> None:
        """Ends the zygotes and whatever they read."""
        for place in self._every:
            place.end()


class _Place:
    def __init__(self, read: str, limits: Limits) -> None:
        self._read = read
        self._limits = limits
        self._zygote: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._ending = threading.Lock()
        self.fault: str | None = None
        self.unconfined = False

    def start(self) -> None:
        try:
            self._ready()
        except OSError as error:
            self._broke(error)

    def read(self, content: bytes) -> Facts:
        if not content:
            return Facts(unread=Unread.UNKNOWN_KIND)
        for _ in range(2):  # the zygote may have died while it had nothing to do
            try:
                found, ended = self._asked(content)
            except TimeoutError as error:  # it is frozen, and whoever is to be told of the file waits
                self._broke(error)
                break
            except OSError as error:
                self._broke(error)
                continue
            self.fault = None
            self.unconfined = ended is Ended.UNCONFINED
            return _facts(found, ended)
        return Facts(unread=Unread.TOO_SLOW)

    def _broke(self, error: OSError) -> None:
        self.fault = f"the process that reads does not work: {error}"
        self.end()

    def _asked(self, content: bytes) -> tuple[bytes, Ended]:
        zygote = self._ready()
        with _in_memory(content) as file:
            taken, given = os.pipe()
            try:
                try:
                    socket.send_fds(zygote, [b"\0"], [file, given])
                finally:
                    os.close(given)
                found = _read_all(taken, time.monotonic() + self._limits.wall_s + GRACE_S)
            finally:
                os.close(taken)
        answer = zygote.recv(1)
        if not answer:
            raise OSError("it ended")
        return found, Ended(answer[0])

    def _ready(self) -> socket.socket:
        if self._socket is not None:
            return self._socket
        ours, its = socket.socketpair()
        ours.settimeout(START_S)
        with its:
            limits = msgspec.json.encode(self._limits).decode()
            command = [sys.executable, "-m", "reader.isolation.zygote", self._read, str(its.fileno()), limits]
            environ = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONDONTWRITEBYTECODE": "1"}
            self._zygote = subprocess.Popen(  # noqa: S603 - our own program
                command, env=environ, pass_fds=(its.fileno(),), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
        self._socket = ours
        if ours.recv(1) != READY:
            raise OSError("it did not start; its standard error says why")
        ours.settimeout(self._limits.wall_s + GRACE_S)
        return ours

    def end(self) -> None:
        with self._ending:
            zygote, self._zygote = self._zygote, None
            ours, self._socket = self._socket, None
        if ours is not None:
            ours.close()
        if zygote is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                zygote.wait(1)
            zygote.kill()
            zygote.wait()


@contextlib.contextmanager
def _in_memory(content: bytes) -> Iterator[int]:
    """A descriptor of a file that is on no disk, and that nobody can change."""
    file = os.memfd_create("file", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        written = memoryview(content)
        while written:
            written = written[os.write(file, written) :]
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, SEALS)
        yield file
    finally:
        os.close(file)


def _read_all(descriptor: int, until: float) -> bytes:
    """All that comes until the other end is closed; one byte more than may be, where it is more. TimeoutError."""
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    found = bytearray()
    while len(found) <= MOST_FOUND_BYTES:
        if not waiting.poll(max(0.0, until - time.monotonic()) * 1000):
            raise TimeoutError("it does not answer")
        part = os.read(descriptor, MOST_FOUND_BYTES + 1 - len(found))
        if not part:
            break
        found += part
    return bytes(found)


def _facts(found: bytes, ended: Ended) -> Facts:
    if ended is Ended.SLOW:
        return Facts(unread=Unread.TOO_SLOW)
    if ended is Ended.BROKEN or len(found) > MOST_FOUND_BYTES:
        return Facts(unread=Unread.DAMAGED)
    try:
        return msgspec.json.decode(found, type=Facts)
    except msgspec.DecodeError:
        return Facts(unread=Unread.DAMAGED)
