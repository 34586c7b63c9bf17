"""The history's log says in the database's own words why nothing can be kept, and the history goes on by itself."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from demo.ports import free_port
from shared.store.history.tables import Database

ROOT = Path(__file__).parents[2]


def not_a_database(folder: Path) -> str:
    (folder / "ledger.db").write_text("No database, and never meant to be one. " * 50)
    return f"sqlite:///{folder}/ledger.db"


def a_folder(folder: Path) -> str:
    (folder / "ledger.db").mkdir()
    return f"sqlite:///{folder}/ledger.db"


def nobody(_: Path) -> str:
    return f"postgresql://intake:hunter2@127.0.0.1:{free_port()}/intake"


@pytest.mark.parametrize(
    ("database", "words"),
    [
        (not_a_database, "file is not a database"),
        (a_folder, "unable to open database file"),
        (nobody, "Connection refused"),
    ],
)
def test_the_log_says_why_the_history_cannot_be_kept(
    tmp_path: Path, database: Callable[[Path], str], words: str
) -> None:
    lines = _lines_of(database(tmp_path), 2)
    for line in lines:  # it tries again
        assert line["event"] == "history.database_failed"
        assert words in line["error"]
        assert "OperationalError" not in line["error"]
        assert "hunter2" not in line["error"]


def test_the_log_says_that_the_disk_is_full(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); {_RUN}"
    (line,) = _lines_of(url, 1, program=limited)
    assert "full" in line["error"] or "disk I/O error" in line["error"]
    opened = Database(url)
    opened.create()  # what the full disk left behind hinders nobody
    assert opened.has_history()


_RUN = "import runpy, sys; sys.argv = ['console', 'history']; runpy.run_module('console', run_name='__main__')"


def _lines_of(database_url: str, count: int, program: str = _RUN) -> list[dict[str, str]]:
    environ = {**os.environ, "DATABASE_URL": database_url, "LOG_FORMAT": "json", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        lines = [json.loads(process.stdout.readline()) for _ in range(count)]
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    return lines
