"""Runs the operator's thread as a process, its times shortened: `python -m tests.support.operating JSON`."""

import json
import os
import signal
import sys
import threading
from typing import Any

from console.operator.run import run_for_ever
from console.operator.times import OFTEN, Often, Times
from console.reconcile.settings import Settings
from shared.process.logs import configure_logs
from shared.process.settings import load

FAST = {
    "look_s": 0.4, "lasts_s": 1.5, "again_s": 3600.0, "catch_up_s": 60.0, "escalate_s": 3600.0,
    "unreached_s": 3600.0, "send_s": 10.0, "retry_s": (0.3,),
}  # fmt: skip
"""Minutes become seconds."""


def times(**other: Any) -> str:
    """The argument. `checks` names those that are made; else all are."""
    return json.dumps(FAST | other)


def main() -> None:
    told = json.loads(sys.argv[1])
    checks = told.pop("checks", list(OFTEN))
    often = {name: Often(told["look_s"], told["look_s"]) for name in checks}
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    configure_logs("operator", level="info", log_format="json")
    settings = Times(**{**told, "retry_s": tuple(told["retry_s"])}, often=often)
    run_for_ever(os.environ, load(Settings, os.environ), stop, settings)


if __name__ == "__main__":
    main()
