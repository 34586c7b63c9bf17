"""Runs a worker, or a command with its arguments, that kills itself at a crash point:
`python -m tests.support.crashing POINT NTH WORKER ARGUMENT …`.
"""

import itertools
import os
import runpy
import signal
import sys

from shared.runtime import crash_points
from shared.runtime.crash_points import CrashPoint


def last_words(point: CrashPoint) -> str:
    """What it writes to stderr before it dies."""
    return f"killed at {point}"


def arm(deadly: CrashPoint, nth: int = 1) -> None:
    """SIGKILL the nth time that the point is reached: no thread gets further."""
    left = itertools.count(nth - 1, -1)

    def kill(point: CrashPoint) -> None:
        if point is deadly and next(left) <= 0:
            os.write(2, f"{last_words(point)}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)

    crash_points.hook = kill


if __name__ == "__main__":
    point, nth, worker, *arguments = sys.argv[1:]
    sys.argv = [worker, *arguments]
    arm(CrashPoint(point), int(nth))
    runpy.run_module(worker, run_name="__main__", alter_sys=True)
