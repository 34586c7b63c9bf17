"""What the image sets: plain processes get the same, and no health check starts an interpreter."""

import json
import re

import yaml

from demo import image
from demo.stack import ROOT

PROGRAMS = {"bash", "pg_isready", "wget"}
"""Of health checks: an interpreter such as Python's takes some 100 ms of a processor each time."""


def test_processes_get_what_the_image_sets():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert image.ENVIRON
    assert all(f"ENV {name}={value}" in lines for name, value in image.ENVIRON.items())


def test_no_health_check_starts_an_interpreter():
    (check,) = re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    program, script = json.loads(check)
    assert program in PROGRAMS
    assert (ROOT / script).read_text().startswith("#!/bin/bash\n")
    for file in (ROOT / "docker-compose.yml", *(ROOT / "compose").glob("*.yml")):
        for name, service in (yaml.safe_load(file.read_text()).get("services") or {}).items():
            kind, *test = service.get("healthcheck", {}).get("test") or ["CMD", "bash"]
            commands = test[0].split(" || ") if kind == "CMD-SHELL" else test[:1]
            assert {command.split()[0] for command in commands} <= PROGRAMS, f"{file.name}: {name}"
