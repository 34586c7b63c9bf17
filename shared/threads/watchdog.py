"""Ends a process whose main loop does not turn, and writes where each of its threads stands.

The loop stops turning where a call holds the interpreter's lock for good: no thread of Python could say so then.
`faulthandler` waits in a thread of its own that needs no such lock.
"""

import faulthandler

TURN_LIMIT_S = 60.0
"""The main loop turns twice a second. A machine with far too much to do has held one up for some seconds."""


def turned() -> None:
    """The main loop is alive. If this is not called again within TURN_LIMIT_S, the process ends with exit code 1,
    and all stacks are on stderr.
    """
    faulthandler.dump_traceback_later(TURN_LIMIT_S, exit=True)


def write_stacks() -> None:
    """Where each thread is now, on stderr."""
    faulthandler.dump_traceback(all_threads=True)
