"""`intake retry` on a real pipeline: it is tried now, and whatever comes twice is filed and told once."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from typer.testing import CliRunner

from console.__main__ import app
from tests.support.brokers import Broker, fresh_vhost
from tests.support.history import Projector
from tests.support.pipeline import Pipeline, running_pipeline
from tests.support.runtime import waiting_in
from tests.support.waiting import wait_until

DELAY_S = 40
QUEUE = f"retry.{DELAY_S}s"
PATIENCE_S = 40
LOCKED, DENIED, BUSY = "Invoice locked.pdf", "Invoice denied.pdf", "Invoice busy.pdf"


class Desk:
    def __init__(self, running: Pipeline, projector: Projector) -> None:
        self.running, self.projector = running, projector
        self.ids = {title: running.upload(title) for title in (LOCKED, DENIED, BUSY)}

    def change(self, title: str, **state: Any) -> None:
        url = f"{self.running.simulator.url}/simulator/files/{self.ids[title]}"
        requests.put(url, json=state, timeout=10).raise_for_status()

    def upload(self, title: str) -> dict[str, Any]:
        found = self.projector.ask("timeline", str(self.ids[title])) or {}
        return found if isinstance(found, dict) else {}

    def retry(self, *arguments: str) -> Any:
        return CliRunner().invoke(app, ["retry", *arguments], env=self.projector.environ)

    def ended_at_the_notifier(self, title: str) -> int:
        """How often: done, or found to be done."""
        upload = self.upload(title)["correlation_id"]
        ends = [each for each in self.running.settled("notifier") if each["correlation_id"] == upload]
        return sum(each["outcome"] in {"forward", "skip"} for each in ends)


@pytest.fixture
def desk(any_broker: Broker, tmp_path: Path) -> Iterator[Desk]:
    settings: dict[str, Any] = {"RETRY_DELAYS_S": str(DELAY_S)}
    with fresh_vhost(any_broker) as url, running_pipeline(url, tmp_path, held=["mover"], **settings) as running:
        projector = Projector(url, tmp_path, **settings)
        try:
            for worker in ("ingress", "classifier", "notifier"):
                running.workers[worker].wait_ready(PATIENCE_S)
            found = Desk(running, projector)
            wait_until(lambda: waiting_in(url, "mover") == 3, PATIENCE_S, "all to wait for the mover")
            yield found
        finally:
            projector.kill()


@pytest.mark.timeout(240)
def test_what_failed_or_waits_is_tried_at_once_and_nothing_is_filed_or_told_twice(desk: Desk) -> None:
    running, url = desk.running, desk.projector.url
    desk.change(LOCKED, locked_by="client")
    desk.change(DENIED, denied=True)
    running.faults({"smtp": {"code": 451}})
    running.workers["mover"].start()
    for title in (LOCKED, BUSY):
        wait_until(lambda title=title: desk.upload(title).get("next_at"), PATIENCE_S, f"{title} to wait")
    wait_until(lambda: desk.upload(DENIED).get("state") == "failed", PATIENCE_S, "the dead letter")
    desk.change(LOCKED, locked_by=None)
    desk.change(DENIED, denied=False)
    running.faults(None)

    seen = desk.retry(desk.upload(BUSY)["correlation_id"][:8], "--dry-run", "--json")
    assert [(one["title"], one["stage"], one["was"]) for one in json.loads(seen.stdout)] == [
        (BUSY, "notifier", "waiting")
    ]
    done = [
        desk.retry(desk.upload(BUSY)["correlation_id"][:8], "--json"),
        desk.retry(str(desk.ids[LOCKED]), "--json"),
        desk.retry("--reason", "no-right", "--json"),
    ]
    told = [(one["title"], one["stage"], one["was"]) for each in done for one in json.loads(each.stdout)]
    assert told == [(BUSY, "notifier", "waiting"), (LOCKED, "mover", "waiting"), (DENIED, "mover", "dead")]
    audit = CliRunner().invoke(app, ["audit", "--json"], env=desk.projector.environ)
    assert [(row["verb"], row["result"]) for row in json.loads(audit.stdout)] == [("try now", "1 done")] * 3
    for title in desk.ids:
        wait_until(lambda title=title: running.mails_about(title), PATIENCE_S, f"the mail about {title}")
    assert waiting_in(url, QUEUE) == 2, "they were told only once their waits had ended"

    wait_until(lambda: waiting_in(url, QUEUE) == 0, DELAY_S + PATIENCE_S, "the waits to end")
    for title in (LOCKED, BUSY):
        wait_until(
            lambda title=title: desk.ended_at_the_notifier(title) == 2, PATIENCE_S, f"{title} to come a second time"
        )
    for title, file_id in desk.ids.items():
        assert len(running.moves_of(file_id)) == len(running.mails_about(title)) == 1, title
        upload = desk.upload(title)
        assert upload["state"] == "filed", title
        assert [step["outcome"] for step in upload["steps"]].count("replay") == 1, title
    assert waiting_in(url, "mover.dead") == waiting_in(url, "notifier.dead") == 0
    nothing = desk.retry(str(desk.ids[LOCKED]))
    assert nothing.exit_code == 1
    assert f'"{LOCKED}": Filed, told manager@example.com at ' in nothing.stderr


@pytest.mark.parametrize("arguments", [(), ("7", "--all"), ("--all", "--reason", "no-right")], ids=str)
def test_retry_wants_exactly_one_of_id_reason_and_all(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, ["retry", *arguments], env={"AMQP_URL": "amqp://127.0.0.1:1/"})
    assert result.exit_code == 2
    assert "say which: by ID, --reason CODE, or --all" in result.stderr


def test_without_a_history_the_dead_letters_alone_are_retried_and_that_is_said(
    any_broker: Broker, tmp_path: Path
) -> None:
    with fresh_vhost(any_broker) as url:
        environ = {"AMQP_URL": url, "DATABASE_URL": f"sqlite:///{tmp_path}/none.db"}
        result = CliRunner().invoke(app, ["retry", "--all"], env=environ)
    assert result.exit_code == 1
    assert "what waits for its next try is not known: no history is kept" in result.stderr
    assert "nothing failed, and nothing waits for another try" in result.stderr
