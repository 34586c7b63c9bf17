"""What a child may use up, and what it can reach: set in the child itself, before it looks at a byte of a file."""

import os
import resource
import signal
from dataclasses import dataclass
from pathlib import Path

from reader.isolation import seccomp


@dataclass(frozen=True, slots=True)
class Limits:
    memory_bytes: int = 512 * 1024 * 1024
    """Of addresses, beside what the process that it was forked from has mapped."""
    cpu_s: int = 5
    wall_s: float = 8.0


def enter(limits: Limits, kept: tuple[int, ...]) -> bool:
    """Once in, there is no way out. The descriptors of `kept` stay open.

    False: the kernel takes no filter of system calls, so the limits alone hold.
    """
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.environ.clear()
    _close_all_but(kept)
    for kind, limit in (
        (resource.RLIMIT_AS, _mapped() + limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))
    return seccomp.confine()


def _mapped() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


def _close_all_but(kept: tuple[int, ...]) -> None:
    """What is written to standard output or error goes nowhere: it may hold what the file says."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nowhere, number)
    first = 3
    for number in sorted(kept):
        os.closerange(first, number)
        first = number + 1
    os.closerange(first, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
