"""Python's garbage collector, set for a process that runs for long and makes few cycles."""

import gc

YOUNG = 20_000
"""Objects made, beyond those gone, before the young are looked at; Python's hundreds are a few dozen messages."""
OLDER = 50


def calm() -> None:
    """Call it once all is imported and made: what is there by now stays, and is not looked at again.

    Each full collection stopped every thread for some 20 ms, twice the time in which a webhook is answered; and a
    worker that has hundreds of messages in hand spent a twentieth of its processor time on looking at them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, OLDER)
