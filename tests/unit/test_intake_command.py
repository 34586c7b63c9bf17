"""The command itself: where its settings come from, which version it is, and how it is run from a clone."""

import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.__main__ import app
from console.settings import environment
from shared import VERSION

ROOT = Path(__file__).parents[2]
NOWHERE = "amqp://127.0.0.1:1/"


def test_what_the_env_file_of_the_folder_says_lies_below_the_environment(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=file\nB='of the file'\n")
    assert environment({"A": "given"}, tmp_path) == {"A": "given", "B": "of the file"}


def test_another_file_can_be_named_and_one_that_is_not_there_is_not_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=file\n")
    (tmp_path / "other").write_text("A=other\n")
    assert environment({"INTAKE_ENV_FILE": "other"}, tmp_path)["A"] == "other"
    assert "A" not in environment({"INTAKE_ENV_FILE": "missing"}, tmp_path)


def test_a_command_takes_its_settings_from_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text(f"AMQP_URL={NOWHERE}\n")
    result = CliRunner().invoke(app, ["tail"], env={"AMQP_URL": None})
    assert result.exit_code == 1
    assert "no broker answers at 127.0.0.1:1" in result.stderr


def test_an_env_file_that_cannot_be_read_is_exit_code_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_bytes(b"A=\xff\n")
    result = CliRunner().invoke(app, ["tail"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "the settings file cannot be read" in result.stderr


def test_the_command_says_its_version() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == f"intake {VERSION}\n"


def test_from_a_clone_the_command_runs_in_its_venv_and_else_says_what_to_do(tmp_path: Path) -> None:
    command = shutil.copy(ROOT / "intake", tmp_path)
    tools = tmp_path / "tools"  # without docker
    tools.mkdir()
    for tool in ("sh", "dirname", "readlink"):
        (tools / tool).symlink_to(shutil.which(tool) or tool)
    environ = {"PATH": str(tools)}
    said = subprocess.run([command], env=environ, capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert said.stderr == "intake: neither .venv nor Docker is here: run `make setup` first\n"
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\necho "$PYTHONPATH $*"\n')
    python.chmod(0o755)
    said = subprocess.run(
        [command, "find", "a b"], env={"PATH": "/bin"}, capture_output=True, text=True, check=True
    )
    assert said.stdout == f"{tmp_path} -m console find a b\n"
