"""A filter of system calls, by which the kernel refuses a process all but what computing needs. Linux only.

What is not listed answers EPERM: no file is opened, no socket made, no program started, no process looked at. Once
set it cannot be taken off. Sources: seccomp(2), linux/seccomp.h, linux/bpf_common.h, and the tables of system calls
of x86_64 and of arm64 (asm-generic/unistd.h).
"""

import ctypes
import errno
import platform
import struct
from dataclasses import dataclass

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 38, 22
SECCOMP_MODE_FILTER = 2
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
KILL = 0x80000000

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE = 0, 4
"""Where they stand in `struct seccomp_data`."""
_X32 = 0x40000000
"""On x86_64 the numbers from here on are the same calls by another way in."""


@dataclass(frozen=True, slots=True)
class Machine:
    audit: int
    """How the kernel names the architecture."""
    calls: tuple[int, ...]
    """What a process may call."""


MACHINES = {
    "x86_64": Machine(
        0xC000003E,
        (
            0, 1, 3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 19, 20, 24, 25, 28, 35, 39, 60, 63, 96, 98, 99, 102,
            104, 107, 108, 131, 158, 186, 201, 202, 204, 218, 228, 229, 230, 231, 273, 318, 324, 334,
        ),
    ),
    "aarch64": Machine(
        0xC00000B7,
        (
            57, 62, 63, 64, 65, 66, 67, 73, 80, 93, 94, 96, 98, 99, 101, 113, 114, 115, 123, 124, 132, 134, 135,
            139, 160, 165, 169, 172, 174, 175, 176, 177, 178, 179, 214, 215, 216, 222, 226, 233, 278, 283, 293,
        ),
    ),
}  # fmt: skip
"""Reading, writing and closing what is open; memory; time; locks; signals; a look at itself; the end."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def confine() -> bool:
    """From now on this process computes and nothing else. False where the kernel does not take the filter."""
    machine = MACHINES.get(platform.machine())
    if machine is None:
        return False
    written = program(machine)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    told = _Program(len(written) // 8, written)
    return not libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(told), 0, 0)


def program(machine: Machine) -> bytes:
    """The filter as the kernel reads it: eight bytes an instruction."""
    last = len(machine.calls)
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, machine.audit),
        (_RETURN, 0, 0, KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, last, 0, _X32),
        *((_EQUAL, last - at, 0, call) for at, call in enumerate(machine.calls)),
        (_RETURN, 0, 0, REFUSE),
        (_RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
