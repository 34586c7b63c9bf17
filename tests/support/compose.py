"""The stack of docker-compose.yml under test: a copy of the tree, its own project and ports, a clean shell."""

import copy
import os
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from demo.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
KEPT_PREFIXES = ("PATH", "HOME", "DOCKER_", "BUILDKIT_", "LANG", "TMPDIR")


def clean_copy(target: Path) -> Path:
    """The tree as a fresh clone would have it: what git knows or would add, and no .env."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


class Compose:
    def __init__(self, directory: Path, settings: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self.page_port, self.ingress_port, self.management_port = free_ports(3)
        self.project = f"intake-test-{secrets.token_hex(3)}"
        kept = {name: value for name, value in os.environ.items() if name.startswith(KEPT_PREFIXES)}
        self._environment = kept | {
            "SIMULATOR_PUBLISH": str(self.page_port),
            "INGRESS_PUBLISH": f"127.0.0.1:{self.ingress_port}",
            "MANAGEMENT_PORT": str(self.management_port),
            **(settings or {}),
        }

    def with_settings(self, settings: Mapping[str, str]) -> "Compose":
        """The same stack, with these settings too."""
        other = copy.copy(self)
        other._environment = self._environment | dict(settings)
        return other

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self.page_port}"

    def try_run(self, *arguments: str, timeout_s: float = 300) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["docker", "compose", "--project-name", self.project, *arguments],
            cwd=self.directory,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def run(self, *arguments: str, timeout_s: float = 300) -> str:
        """What it printed; AssertionError with its errors if it failed."""
        done = self.try_run(*arguments, timeout_s=timeout_s)
        assert done.returncode == 0, (
            f"docker compose {' '.join(arguments)}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
        )
        return done.stdout
