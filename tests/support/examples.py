"""Runs an example by the commands of its README, in a copy of its folder."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.support.documents import BLOCK, ROOT

EXAMPLES = ROOT / "examples"
NOT_COPIED = shutil.ignore_patterns("node_modules", ".venv", "done")


def commands(name: str) -> str:
    """The block of code below the heading "Run", as a shell takes it."""
    _, _, below = (EXAMPLES / name / "README.md").read_text().partition("\n## Run")
    block = BLOCK.search(below)
    assert block, f"examples/{name}/README.md has no commands"
    return re.sub(r"^ {4}", "", block[0], flags=re.MULTILINE)


class Example:
    """A context manager, which ends what runs. `given` takes the place of what the README says as an example."""

    def __init__(self, name: str, folder: Path, given: Mapping[str, str]) -> None:
        self.folder = folder / name
        shutil.copytree(EXAMPLES / name, self.folder, ignore=NOT_COPIED)
        self.script = commands(name)
        for said, meant in given.items():
            assert said in self.script, f"examples/{name}/README.md says no {said}"
            self.script = self.script.replace(said, meant)
        self.log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self, **environment: str) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", self.script],
                cwd=self.folder,
                env=os.environ | environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """All of it at once, without a word."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)

    def said(self, text: str) -> bool:
        """AssertionError if it has ended, which none does by itself."""
        assert self._process is not None
        told = self.log.read_text()
        assert self._process.poll() is None, told
        return text in told

    def done(self) -> dict[int, str]:
        """The event in each file that it has made. A file that is made again has another number."""
        return {path.stat().st_ino: path.read_text() for path in self.folder.glob("done/*.json")}
