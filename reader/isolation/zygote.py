"""A small process that has loaded all that reading needs and is forked once for each file.

`python -m reader.isolation.zygote MODULE:FUNCTION DESCRIPTOR LIMITS`. It never looks at a file itself, so all files
find it alike.

On the descriptor, a socket to its parent, it is sent two descriptors at a time: a file in memory, and a pipe for
what the child finds. It answers with one byte, once the child has ended. It ends when the socket does.
"""

import codecs
import gc
import importlib
import mmap
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from enum import IntEnum

import msgspec

from reader.isolation import cage
from shared.wire.facts import Facts, Unread

Read = Callable[[bytes], Facts]


class Ended(IntEnum):
    """How a child ended."""

    WELL = 0
    UNCONFINED = 1
    """Well, and without a filter of system calls, which this kernel does not take."""
    SLOW = 2
    BROKEN = 3
    """By a signal or an error."""


ENCODINGS = (
    "ascii", "latin-1", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be",
    *(f"iso8859-{part}" for part in (*range(1, 12), *range(13, 17))), *(f"cp125{page}" for page in range(9)),
)  # fmt: skip
"""Python loads one from a file when it is first used, and a child can open none."""
READY = b"\x10"
_EXITS = {0: Ended.WELL, 1: Ended.UNCONFINED}


def main(arguments: list[str]) -> int:
    name, descriptor, limited = arguments
    limits = msgspec.json.decode(limited, type=cage.Limits)
    module, _, function = name.partition(":")
    read: Read = getattr(importlib.import_module(module), function)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which closes the socket
    for encoding in ENCODINGS:
        codecs.lookup(encoding)
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(descriptor)) as parent:
        parent.sendall(READY)
        while True:
            message, descriptors, _, _ = socket.recv_fds(parent, 1, 2)
            if not message:
                return 0
            content, found = descriptors
            child = os.fork()
            if not child:
                _read(read, limits, content, found)
            os.close(content)
            os.close(found)
            ended = _ended(child, parent, limits.wall_s)
            if ended is None:
                return 0
            parent.sendall(bytes([ended]))


def _ended(child: int, parent: socket.socket, within_s: float) -> Ended | None:
    """How it ended; None: the parent is gone, and the child with it."""
    told = os.pidfd_open(child)
    try:
        waiting = select.poll()
        waiting.register(told, select.POLLIN)
        waiting.register(parent, select.POLLIN)
        happened = [number for number, _ in waiting.poll(within_s * 1000)]
    finally:
        os.close(told)
    if child_ended := told in happened:
        _, status = os.waitpid(child, 0)
    else:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if parent.fileno() in happened:
        return None
    if not child_ended:
        return Ended.SLOW
    code = os.waitstatus_to_exitcode(status)
    out_of_time = {-signal.SIGXCPU, -signal.SIGKILL}
    return Ended.SLOW if code in out_of_time else _EXITS.get(code, Ended.BROKEN)


def _read(read: Read, limits: cage.Limits, content: int, found: int) -> None:
    """In the child, and to its end."""
    try:
        length = os.fstat(content).st_size
        with mmap.mmap(content, length, prot=mmap.PROT_READ) as mapped:
            confined = cage.enter(limits, (content, found))
            answer = _answer(read, mapped)
        while answer:
            answer = answer[os.write(found, answer) :]
        os._exit(Ended.WELL if confined else Ended.UNCONFINED)
    finally:
        os._exit(Ended.BROKEN)


def _answer(read: Read, mapped: mmap.mmap) -> bytes:
    try:
        return msgspec.json.encode(read(mapped[:]))
    except MemoryError:
        return msgspec.json.encode(Facts(unread=Unread.TOO_LARGE))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
