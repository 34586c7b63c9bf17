"""The commands of the documents that only read are run, as a shell runs them, beside a running pipeline."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.support.brokers import Broker, fresh_vhost
from tests.support.documents import ROOT, Shown, shown_commands
from tests.support.history import Projector
from tests.support.pipeline import INCOMING, ROOM, Pipeline, running_pipeline
from tests.support.runtime import waiting_in
from tests.support.waiting import wait_until
from tests.support.webhooks import EXAMPLE

PATIENCE_S = 60
AT_ONCE = 4
ONLY_READ = (
    "doctor", "explain", "find", "list", "status", "timeline", "dead list", "dead show", "events schema",
    "rules check", "rules show", "rules test", "rules versions", "webhook list",
)  # fmt: skip
FILTERS = {"jq"}
NEW_RULES = f"""
[[rule]]
name = "bills"
rooms = [{ROOM}]
titles = ["bill"]
destination = {INCOMING}
recipients = ["manager@example.com"]
"""
"""Under which no upload here would have been an invoice."""
ENDLESS, DRY = "--watch", "--dry-run"
OF_THE_INSTALLATION = "--security"
"""It finds that everybody knows the passwords here."""


def only_reads(shown: Shown) -> bool:
    return all(program[0] in FILTERS or _only_reads(program) for program in shown.programs())


def _only_reads(program: list[str]) -> bool:
    name, *arguments = program
    if name != "intake" or {ENDLESS, OF_THE_INSTALLATION, "setup"} & set(arguments):
        return False
    return DRY in arguments or " ".join(arguments).startswith(ONLY_READ)


Answer = Future[subprocess.CompletedProcess[str]]
COMMANDS = list(dict.fromkeys(shown.as_installed() for shown in shown_commands() if only_reads(shown)))


@dataclass
class Place:
    folder: Path
    """Where the commands are called: it has the files that the examples name, and no `.env`."""
    environ: dict[str, str]
    stand_for: dict[str, str]
    """What an example names, and what it is here."""

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        for named, here in self.stand_for.items():
            line = line.replace(named, here)
        return subprocess.run(
            ["/bin/bash", "-o", "pipefail", "-c", line],
            cwd=self.folder, env=self.environ, capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip


@pytest.fixture(scope="module")
def place(any_broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One invoice was filed, and one is a dead letter."""
    folder = tmp_path_factory.mktemp("docs")
    with fresh_vhost(any_broker) as url, running_pipeline(url, folder, held=("mover",)) as running:
        projector = Projector(url, folder)
        try:
            filed, message = _uploaded(running, projector)
            upload = projector.ask("timeline", filed)["correlation_id"]
            yield _place(folder, running, filed, message, upload)
        finally:
            projector.kill()


def _uploaded(running: Pipeline, projector: Projector) -> tuple[str, str]:
    """The file that was filed, and the message that is a dead letter."""
    refused = running.upload("Invoice 1.pdf")
    requests.put(
        f"{running.simulator.url}/simulator/files/{refused}", json={"denied": True}, timeout=10
    ).raise_for_status()
    filed = running.upload("Invoice 4711.pdf")
    running.workers["mover"].start()
    running.wait_ready()
    wait_until(lambda: running.mails_about("Invoice 4711.pdf"), PATIENCE_S, "the mail")
    wait_until(lambda: waiting_in(projector.url, "mover.dead") == 1, PATIENCE_S, "the dead letter")
    wait_until(lambda: projector.state_of("Invoice 1.pdf") == "failed", PATIENCE_S, "the failure in the history")
    wait_until(lambda: projector.state_of("Invoice 4711.pdf") == "filed", PATIENCE_S, "the invoice in the history")
    (step,) = [
        each
        for each in projector.ask("timeline", str(refused))["steps"]
        if (each["stage"], each["outcome"]) == ("mover", "dead")
    ]
    return str(filed), step["message_id"]


def _place(folder: Path, running: Pipeline, filed: str, message: str, upload: str) -> Place:
    program = folder / "bin" / "intake"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m console "$@"\n')
    program.chmod(0o755)
    shutil.copy(ROOT / "rules.example.toml", folder / "rules.toml")
    (folder / "new-rules.toml").write_text(NEW_RULES)
    (folder / "event.json").write_text(EXAMPLE)
    workers = running.workers
    environ = workers["notifier"].environ | {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "WEBHOOK_URL": running.webhook_url,
        "HEALTH_URLS": ",".join(f"http://127.0.0.1:{worker.port}" for worker in workers.values()),
    }
    stand_for = {
        "748301": filed,
        "5f0c8a52-6a4e-5d0b-9c65-2f1d3c0f7a11": message,
        "5f0c8a52": upload[:8],
        "friday": "today",
        "MESSAGE_ID": message,
        "/etc/intake/rules.toml": "rules.toml",
        " /new.toml": " new-rules.toml",
        "$RULES_FILE": "rules.toml",
        "http://127.0.0.1:9100": f"http://127.0.0.1:{workers['mover'].port}",
        "http://127.0.0.1:9101": f"http://127.0.0.1:{workers['notifier'].port}",
    }
    return Place(folder, environ, stand_for)


@pytest.fixture(scope="module")
def answers(place: Place) -> Iterator[dict[str, Answer]]:
    """They wait more than they work."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {line: pool.submit(place.run, line) for line in COMMANDS}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_documents_that_only_reads_succeeds(answers: dict[str, Answer], line: str) -> None:
    done = answers[line].result()
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stdout + done.stderr
    assert "null" not in done.stdout.splitlines(), "a filter asks for what is not there"


def test_a_command_about_an_upload_that_never_was_fails(place: Place) -> None:
    assert place.run('intake find "Invoice 4712"').returncode == 1


def test_the_commands_of_the_readme_that_only_read_are_among_them() -> None:
    readme = {shown.as_installed().split()[1] for shown in shown_commands() if shown.page == "README.md"}
    assert readme & {line.split()[1] for line in COMMANDS} >= {"doctor", "find", "timeline", "explain", "dead"}
