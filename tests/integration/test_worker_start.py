"""A worker's command line: what it says of its settings, and that it ends at once where they are wrong."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("worker", ["ingress", "classifier", "mover", "notifier"])
def test_a_worker_without_its_settings_exits_2_with_one_message(worker: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", worker], env={}, capture_output=True, text=True, timeout=30, check=False
    )
    assert run.returncode == 2
    assert f"{worker}: cannot start" in run.stderr
    assert "Traceback" not in run.stderr


def test_the_other_server_without_its_extra_exits_2_and_says_what_to_install() -> None:
    without = "import sys; sys.modules['uvicorn'] = None; from ingress.__main__ import main; sys.exit(main())"
    run = subprocess.run(
        [sys.executable, "-c", without],
        env={"INGRESS_SERVER": "uvicorn", "DOCSPACE_WEBHOOK_SECRET": "Secret-1"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert run.returncode == 2
    assert "pip install '.[asgi]'" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("worker", ["ingress", "classifier", "mover", "notifier"])
def test_help_names_every_setting(worker: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", worker, "--help"], env={}, capture_output=True, text=True, timeout=30, check=False
    )
    assert run.returncode == 0
    assert "AMQP_URL" in run.stdout
    assert "RETRY_DELAYS_S" in run.stdout
