"""A template of one's own that does not work: the notifier notes it and goes on; doctor and problems say it."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from console.doctor import workers
from console.problems.judge import judge
from tests.support import forks
from tests.support.waiting import wait_until


@pytest.fixture
def notifier(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[str]:
    """Its health page; no broker runs, and of two templates one is broken."""
    (tmp_path / "announcement.html").write_text("{{ titel }}")
    (tmp_path / "announcement.txt").write_text("{{ title }}")
    port = free_port()
    environ = {
        "AMQP_URL": "amqp://guest:guest@127.0.0.1:1/",
        "DATABASE_URL": f"sqlite:///{tmp_path}/ledger.db",
        "DOCSPACE_API_HOST": "https://portal.example.com",
        "CLIENT_ROOM_ID": "1",
        "INCOMING_FOLDER_ID": "2",
        "MANAGER_EMAIL": "manager@example.com",
        "SMTP_URL": "smtp://127.0.0.1:1",
        "HEALTH_PORT": str(port),
        "TEMPLATES_DIR": str(tmp_path),
    }
    with (tmp_path / "log").open("wb") as log:
        process = forks.start((sys.executable, "-m", "notifier"), environ, log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait(10)


def test_a_broken_template_is_a_note_and_a_problem_and_never_unready(notifier: str) -> None:
    def page() -> dict[str, dict[str, str]] | None:
        try:
            told = requests.get(f"{notifier}/readyz", timeout=5).json()
        except requests.ConnectionError:
            return None
        return dict(told) if "notes" in told else None

    told = wait_until(page, 40, "the note on the template")
    assert told["notes"]["templates"].endswith("announcement.html: 'titel' is undefined")
    assert "templates" not in told["faults"]
    found = {problem.cause: problem for problem in judge(workers.check([notifier], None)).problems}
    problem = found["workers:note-templates"]
    assert (problem.level, problem.count) == ("warning", 1)
    assert "announcement.html: 'titel' is undefined" in problem.title
    assert "announcement.txt" not in problem.title
