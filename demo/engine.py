"""The machine's container engine, asked through the `docker` command line."""

import functools
import shutil
import subprocess

ANSWER_TIMEOUT_S = 20.0  # an engine that starts on demand takes some seconds for its first answer


@functools.cache
def engine_answers() -> bool:
    return _succeeds("docker", "info", "--format", "{{.ServerVersion}}")


@functools.cache
def compose_answers() -> bool:
    return engine_answers() and _succeeds("docker", "compose", "version")


def _succeeds(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    try:
        return subprocess.run(command, capture_output=True, timeout=ANSWER_TIMEOUT_S, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False
