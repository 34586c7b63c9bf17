"""Ends a process whose main loop stands still, and writes where each of its threads is.

If a call never gives the interpreter's lock back, no Python thread can run. `faulthandler` waits on a thread that
does not need that lock.
"""

import faulthandler

TURN_LIMIT_S = 60.0
"""The main loop turns every few seconds. On a machine with far too much to do, one has stood still for some
seconds more."""


def turned() -> None:
    """Tell that the main loop is alive. If this is not called again within TURN_LIMIT_S, the process writes all
    stacks to stderr and ends with exit code 1.
    """
    faulthandler.dump_traceback_later(TURN_LIMIT_S, exit=True)


def write_stacks() -> None:
    """Write to stderr where each thread is now."""
    faulthandler.dump_traceback(all_threads=True)
