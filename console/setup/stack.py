"""Docker Compose, where the repository and Docker are there: starts the product, and has the doctor look in it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from shared.wire.stages import STAGES

READS_RULES = (*(stage.name for stage in STAGES if stage.reads_rules), "reconciler")
UP = "docker compose up --build --detach --wait"
AS_BEFORE = {"HARDEN_GOES_BACK": "yes"}
"""Has compose/settings.sh take what it refuses otherwise."""
SAID_CHARS = 1000
RESTART = f"docker compose restart {' '.join(READS_RULES)}"
_HALF_MADE = re.compile(r"[0-9a-f]{12}_.+")
"""How Compose names the container that is to take another's place, until it has: by the other's id."""


def half_made(names: Iterable[str]) -> list[str]:
    """The containers that a killed Compose left before they took over another's name. They hold no data.

    The next `up` takes one for a second copy of its service, and fails as the name is taken.
    """
    return [name for name in names if _HALF_MADE.fullmatch(name)]


class StackError(Exception):
    """Compose did not do it; what it said is on the terminal."""


class Stack:
    """The compose project in the folder of `env_file`."""

    def __init__(self, env_file: Path) -> None:
        self._folder = env_file.resolve().parent
        self._env_file = env_file.resolve()

    @property
    def is_there(self) -> bool:
        return (self._folder / "docker-compose.yml").is_file() and shutil.which("docker") is not None

    @property
    def is_running(self) -> bool:
        found = self._compose("ps", "--quiet", "ingress", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return bool(found.stdout.strip())

    def start(self, *, rules_changed: bool) -> None:
        self._up("--build")
        if rules_changed:  # a container keeps the file that it was started with
            self._run("restart", *READS_RULES)
            self._up()

    def start_alone(self, *services: str) -> None:
        """And what they wait for."""
        self._up("--build", *services)

    def restart(self, names: Collection[str]) -> None:
        """Those of these services that run, to their end."""
        running = set(self.told_by("ps", "--services", "--status", "running").split())
        if found := sorted(running & set(names)):
            self._run("restart", *found)
            self._up()

    def start_as_before(self) -> None:
        """Also with the passwords that everybody knows, where these ran before."""
        self._up(environ=AS_BEFORE)

    def told(self, service: str, *command: str, given: str = "") -> str:
        """What a command in the container of a service prints. StackError, with what it said, if it fails."""
        return self.told_by("exec", "-T", service, *command, given=given)

    def told_by(self, *arguments: str, given: str = "") -> str:
        done = self._compose(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, given=given.encode())
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()
            raise StackError(f"docker compose {' '.join(arguments[:4])} failed: {said[-SAID_CHARS:]}")
        return done.stdout.decode(errors="replace")

    def doctor(self) -> int:
        """Its exit code; it prints by itself."""
        self._run("build", "--quiet", "console")
        return self._compose("run", "--rm", "console", "doctor").returncode

    def check_portal(self, room: str, destination: str) -> int:
        """The exit code of `portal check`; it prints by itself."""
        between = ("--room", room, "--destination", destination)
        return self._compose("run", "--rm", "console", "portal", "check", "--yes", *between).returncode

    def write_baseline(self, at: str) -> bool:
        """Whether it was written; `at` is an ISO 8601 time."""
        self._run("build", "--quiet", "console")
        command = ("run", "--rm", "-T", "console", "reconcile", "--baseline", at)
        return self._compose(*command, stdout=sys.stderr.fileno()).returncode == 0

    def doctor_report(self) -> dict[str, Any]:
        self._run("build", "--quiet", "console")  # apart: `run` tells of a build where the report is to be
        done = self._compose("run", "--rm", "-T", "console", "doctor", "--json", stdout=subprocess.PIPE)
        try:
            report: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            raise StackError("docker compose run console doctor printed no report") from None
        return report

    def _up(self, *arguments: str, environ: Mapping[str, str] | None = None) -> None:
        if left := half_made(self.told_by("ps", "--all", "--format", "{{.Name}}").split()):
            command = ["docker", "rm", "--force", *left]
            subprocess.run(command, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - names of our own containers
        self._run("up", "--detach", "--wait", *arguments, environ=environ)

    def _run(self, *arguments: str, environ: Mapping[str, str] | None = None) -> None:
        if self._compose(*arguments, stdout=sys.stderr.fileno(), environ=environ).returncode:
            raise StackError(f"docker compose {arguments[0]} failed, as it says above")

    def _compose(
        self,
        *arguments: str,
        stdout: int | None = None,
        stderr: int | None = None,
        given: bytes | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        command = ["docker", "compose", "--env-file", str(self._env_file), *arguments]
        return subprocess.run(  # noqa: S603 - fixed words and a path
            command,
            cwd=self._folder,
            env={**os.environ, **(environ or {})},
            stdout=stdout,
            stderr=stderr,
            input=given,
            check=False,
        )
