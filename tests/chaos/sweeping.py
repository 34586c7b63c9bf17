"""The sweep of a run: one that goes round beside the workers and the history, and one by hand when all is quiet."""

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.support import forks

EVERY_S, GRACE_S = 10, 20
"""Both far shorter than a portal's delivery may take, so that the sweep is often too early."""
BY_HAND = ("--full", "--since", "2h", "--grace", "0")
AFTERWARDS = ("tests.chaos.sabotaged", "afterwards")
"""A sweep gives a delivery that the portal has not made up after hours; here the portal is known to rest."""
BY_HAND_TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Injected:
    """What a sweep said that no webhook had brought. The time is UTC."""

    file_id: int | str
    title: str
    at: datetime


class Sweeping:
    def __init__(self, environ: dict[str, str], log: Path) -> None:
        self._environ = environ
        self._log = log
        self._processes: dict[str, forks.Started] = {}

    def start(self) -> None:
        """The history too: the sweep asks its stream what became of an event."""
        self._start("history", self._log.with_name("history.log"), "history")
        self._start("sweep", self._log, "reconcile", "--every", str(EVERY_S), "--grace", str(GRACE_S))

    def _start(self, name: str, to: Path, *command: str) -> None:
        with to.open("ab") as log:
            self._processes[name] = forks.start((sys.executable, "-m", "console", *command), self._environ, log)

    def stop(self) -> str:
        """What was wrong with them; empty where nothing was."""
        stopped, self._processes = self._processes, {}
        return "; ".join(filter(None, (_stopped(name, process) for name, process in stopped.items())))

    def by_hand(self) -> tuple[str, list[Injected]]:
        """All that is there is judged, of any depth and age. What was wrong, if anything; and what it sent in."""
        command = [sys.executable, "-m", *AFTERWARDS, "console", "reconcile", *BY_HAND, "--json"]
        done = forks.run(command, self._environ, BY_HAND_TIMEOUT_S)
        with self._log.open("a") as log:
            log.write(done.stderr + done.stdout)
        if done.returncode != 0:
            return f"the sweep by hand ended with {done.returncode}: {done.stderr[-500:]}", []
        now, files = datetime.now(UTC), json.loads(done.stdout)["files"]
        return "", [Injected(file["file_id"], file["title"], now) for file in files if file["state"] == "missed"]

    def injected(self) -> list[Injected]:
        """By the one that goes round: its log names each."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        events = [json.loads(line) for line in lines if line.startswith('{"') and '"reconcile.injected"' in line]
        return [
            Injected(event["file_id"], event["title"], datetime.fromisoformat(event["timestamp"]))
            for event in events
        ]


def _stopped(name: str, process: forks.Started) -> str:
    ended = process.poll()
    if ended is not None:
        return f"the {name} ended by itself with {ended}"
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
        return f"the {name} did not stop within 60 s"
    return ""
