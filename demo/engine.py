"""Whether this machine has a container engine, asked with the command `docker`."""

import functools
import shutil
import subprocess

ANSWER_TIMEOUT_S = 20.0  # if an engine starts on demand, its first answer takes some seconds


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
