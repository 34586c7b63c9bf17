"""What a test sends to a process is heard there, however the tests themselves were started."""

import signal
from typing import Any

HANDLERS: dict[int, Any] = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}


def heed() -> None:
    """An ignored signal is ignored by every process that is started from here, whatever that does about others.

    A shell has its background jobs ignore Ctrl-C: `nohup make test &`.
    """
    for number, handler in HANDLERS.items():
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)
