"""The Makefile's own behaviour: what it lists, and that a second run has nothing to install."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.compose import ROOT

TARGETS = {
    "format", "help", "setup", "docs", "demo", "test", "texts", "types", "check", "coverage", "chaos", "fuzz",
    "bench", "corpus", "sbom", "audit", "up", "down", "clean",
}  # fmt: skip


def make(*arguments: str, directory: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=directory,
        env=environment or None,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("arguments", [(), ("help",)])
def test_help_lists_every_target(arguments: tuple[str, ...]) -> None:
    printed = make(*arguments).stdout
    assert {line.split()[1] for line in printed.splitlines()} == TARGETS


def copy_what_setup_reads(to: Path) -> None:
    shutil.copy(ROOT / "Makefile", to)
    for name in ("requirements", "scripts"):
        shutil.copytree(ROOT / name, to / name)


def test_a_second_setup_installs_nothing(tmp_path: Path) -> None:
    copy_what_setup_reads(tmp_path)
    stamp = tmp_path / ".venv" / ".requirements-dev"
    stamp.parent.mkdir()
    stamp.touch()

    done = make("setup", directory=tmp_path)

    assert done.returncode == 0
    assert "install" not in done.stdout


def test_without_a_new_enough_python_setup_says_what_is_needed(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "make", "dirname", "env"):
        (programs / name).symlink_to(str(shutil.which(name)))
    (programs / "python3").write_text("#!/bin/sh\nexit 1\n")
    (programs / "python3").chmod(0o755)
    copy_what_setup_reads(tmp_path)

    refused = make("setup", directory=tmp_path, PATH=str(programs))

    assert refused.returncode != 0
    assert "Python 3.11 or newer is needed" in refused.stderr


def test_a_failing_test_fails_the_pipeline(tmp_path: Path) -> None:
    """`.ci/run` runs `make test` in the folder above it, and passes its failure on."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci")
    (tmp_path / "Makefile").write_text(f"test:\n\t@{sys.executable} -c 'import sys; sys.exit(3)'\n")
    assert subprocess.run([tmp_path / ".ci" / "run"], capture_output=True, timeout=60, check=False).returncode != 0
