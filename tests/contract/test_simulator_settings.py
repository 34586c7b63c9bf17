"""The simulator's settings, its webhook bodies and its start."""

import os
import signal
import subprocess
import sys

import pytest

from simulator.settings import Settings, SettingsError, parse
from tests.support.pipes import read_line


def test_without_variables_the_defaults_hold():
    assert parse({}) == Settings()


def test_an_empty_webhook_address_registers_none():
    assert parse({"SIMULATOR_WEBHOOK_URL": ""}).webhook_url == ""


def test_every_bad_variable_is_named_in_one_message():
    bad = {"SIMULATOR_PORT": "x", "SIMULATOR_SMTP_PORT": "70000", "SIMULATOR_WEBHOOK_URL": "ftp://a"}
    with pytest.raises(SettingsError) as caught:
        parse({**bad, "SIMULATOR_HOST": "127.0.0.1"})
    assert all(name in str(caught.value) for name in bad)
    assert "SIMULATOR_HOST" not in str(caught.value)


def test_secrets_are_not_in_the_repr():
    assert "Simulator-Secret-1" not in repr(Settings())
    assert "sk-simulator" not in repr(Settings())


def run(*arguments, **variables):
    environ = {**os.environ, **variables}
    return subprocess.run(
        [sys.executable, "-m", "simulator", *arguments],
        env=environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_bad_setting_ends_with_code_2_and_its_name():
    ended = run(SIMULATOR_OPERATION_MS="soon")
    assert ended.returncode == 2
    assert "SIMULATOR_OPERATION_MS" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_help_names_every_setting():
    ended = run("--help")
    assert ended.returncode == 0
    assert "SIMULATOR_WEBHOOK_RETRY_BASE_S" in ended.stdout


def test_sigterm_ends_with_code_0_and_the_start_tells_the_addresses():
    environ = {**os.environ, "SIMULATOR_PORT": "0", "SIMULATOR_SMTP_PORT": "0", "SIMULATOR_WEBHOOK_URL": ""}
    with subprocess.Popen(
        [sys.executable, "-m", "simulator"], env=environ, stdout=subprocess.PIPE, text=True
    ) as running:
        assert "SMTP 127.0.0.1:" in read_line(running.stdout)
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=10) == 0
