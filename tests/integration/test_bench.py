"""The bench's parts in their smallest form: each runs, checks what it must, and prints its table."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import worker
from bench.contenders import OURS, WORKERS

ROOT = Path(__file__).parents[2]


def run(part: str, broker_url: str, results: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", f"bench.{part}", "--broker", broker_url, "--results", str(results), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


PARTS = {
    "start": "--runs 1 --settle 0",
    "latency": "--invoices 1 --rate 4 --seconds 0.5 --search-seconds 0.5",
    "soak": "--minutes 0.05 --rate 5",
    "mover": "--latencies seen --factor 0.1 --invoices 6 --movers 1 --runs 1",
    "quiet": "--factor 0.1 --uploads 2 --every 0.5",
    "history": "--uploads 200 --asked 1 --limit 60000 --database sqlite --runs 1 --messages 100",
    "growth": "--messages 12000 --few-messages 4000 --rows 500 --few-rows 5 --claims 20 --rounds 1 --ledger sqlite",
}
LAST_ROW = {
    "start": "| notifier |",
    "latency": "| steady, ",
    "soak": "| notifier |",
    "mover": "  1 mover(s): ",
    "quiet": "| requests an upload |",
    "history": "classifier: ",
    "growth": "| ledger in SQLite",
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_runs_and_prints_its_table(part: str, any_vhost_url: str, tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    printed = run(part, any_vhost_url, results, *PARTS[part].split())
    assert LAST_ROW[part] in printed
    assert json.loads(results.read_text())[part]["machine"]["cores"] > 0


def test_two_checkouts_are_measured_by_turns(any_vhost_url: str) -> None:
    sizes = ["--factor", "0.1", "--invoices", "4"]
    options = ["--base", str(ROOT), "--part", "mover", "--runs", "1", "--broker", any_vhost_url, *sizes]
    command = [sys.executable, "-m", "bench.against", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "run 1, before: " in done.stdout
    assert "run 1, after: " in done.stdout
    assert "| 1 mover(s): requests_s |" in done.stdout


def test_in_the_equal_job_every_message_brings_an_event(any_vhost_url: str) -> None:
    ours = next(each for each in WORKERS if each.name == OURS)
    hurried = dataclasses.replace(ours, last_acks_s=0.5)
    assert worker.run(any_vhost_url, hurried, 200, 0, one_in=1).per_s > 0  # it counts the events itself
