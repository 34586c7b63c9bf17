"""Starts modules as processes by a fork of this one: `python -m tests.support.forking`.

It has imported what they need, which is most of what a worker's start costs. What it starts runs as
`python -m MODULE` does, and ends as that does. It is asked by `tests.support.forks`, through its standard input.
"""

import gc
import importlib
import json
import os
import runpy
import select
import socket
import sys
import threading
import time
from typing import Any

from console.commands import COMMANDS
from shared.wire.stages import NAMES

PROGRAMS = ("ingress", *NAMES, "console")
LONGEST = 1 << 17
"""Of a request, in bytes."""


def imported() -> None:
    """Without what runs as `__main__`, which each process does for itself."""
    for program in PROGRAMS:
        importlib.import_module(f"{program}.__main__")
        del sys.modules[f"{program}.__main__"]
    for where, _ in COMMANDS.values():
        importlib.import_module(where.partition(":")[0])
    assert threading.active_count() == 1, "a fork would have one thread of several"
    gc.collect()
    gc.freeze()  # each process would copy what it looks through


class Started:
    """A process, and whom to tell how it ended."""

    def __init__(self, pid: int, asker: socket.socket) -> None:
        self.pidfd = os.pidfd_open(pid)
        self._pid, self._asker = pid, asker
        socket.send_fds(asker, [str(pid).encode()], [self.pidfd])

    def tell(self) -> None:
        _, status = os.waitpid(self._pid, 0)
        try:
            self._asker.send(str(os.waitstatus_to_exitcode(status)).encode())
        except BrokenPipeError:
            pass  # nobody asks any more
        finally:
            os.close(self.pidfd)
            self._asker.close()


def serve(requests: socket.socket) -> dict[str, Any]:
    """Returns in each process that it starts, with what that is to become; SystemExit once nobody can ask."""
    started: dict[int, Started] = {}
    ready = select.poll()
    ready.register(requests, select.POLLIN)
    while True:
        for descriptor, _ in ready.poll():
            if descriptor in started:
                ready.unregister(descriptor)
                started.pop(descriptor).tell()
                continue
            request, given, _, _ = socket.recv_fds(requests, LONGEST, 3)
            if not request:
                sys.exit()
            pid = os.fork()
            if not pid:
                for pidfd in started:
                    os.close(pidfd)
                return {**json.loads(request), "given": given}
            asker, *outputs = given
            for output in outputs:
                os.close(output)
            process = Started(pid, socket.socket(fileno=asker))
            started[process.pidfd] = process
            ready.register(process.pidfd, select.POLLIN)


def become(wanted: dict[str, Any]) -> None:
    os.setsid()
    for number, output in enumerate(wanted["given"][1:], 1):
        os.dup2(output, number)
    for descriptor in (0, *wanted["given"]):
        os.close(descriptor)
    os.open(os.devnull, os.O_RDONLY)  # as 0
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environ"])
    time.tzset()
    sys.argv = wanted["command"]


if __name__ == "__main__":
    imported()
    become(serve(socket.socket(fileno=os.dup(0))))
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
