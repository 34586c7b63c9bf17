"""The history's projector as a real process, and the commands that ask what it keeps."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from console.__main__ import app
from tests.support import forks
from tests.support.waiting import wait_until


class Projector:
    def __init__(self, url: str, folder: Path, **settings: str) -> None:
        """Starts at once; its database is the one of a pipeline with the same folder."""
        self.url, self.log = url, folder / "history.log"
        self.environ = {
            "PATH": os.environ["PATH"],
            "AMQP_URL": url,
            "DATABASE_URL": f"sqlite:///{folder}/ledger.db",
            "RETRY_DELAYS_S": "1,2",
            "LOG_FORMAT": "json",
            **settings,
        }
        self.start()

    def start(self) -> None:
        before = self.connections()
        with self.log.open("ab") as log:
            self.process = forks.start((sys.executable, "-m", "console", "history"), self.environ, log)
        wait_until(lambda: self.connections() > before, timeout_s=40, what=f"the projector, see {self.log}")

    def connections(self) -> int:
        return self.log.read_text().count("history.connected") if self.log.exists() else 0

    def ask(self, *command: str) -> Any:
        result = CliRunner().invoke(app, [*command, "--json"], env=self.environ)
        return json.loads(result.stdout) if result.stdout else None

    def state_of(self, title: str) -> str | None:
        """As the history has it: `find` would ask the ledger too, which knows it before."""
        return next((upload["state"] for upload in self.ask("list") or () if upload["title"] == title), None)

    def story_of(self, title: str) -> list[tuple[str, str]]:
        told = self.ask("timeline", self.ask("find", title)[0]["correlation_id"])
        return [(step["stage"], step["outcome"]) for step in told["steps"]]

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
