"""The sweep's event first, the portal's own webhook later: one upload in each storage, filed and told once."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from simulator.portal import seed
from tests.support import forks
from tests.support.brokers import Broker, fresh_vhost
from tests.support.pipeline import INCOMING, MANAGER, ROOM, Pipeline, running_pipeline
from tests.support.waiting import wait_until

RULES = f"""
[[rule]]
name = "both"
rooms = [{ROOM}, "{seed.DROPBOX_ROOM}"]
destination = {INCOMING}
recipients = ["{MANAGER}"]
"""
KEY = {"Authorization": "Bearer sk-simulator"}


@pytest.fixture
def pipeline(any_broker: Broker, tmp_path: Path) -> Iterator[Pipeline]:
    """Without its ingress."""
    (tmp_path / "rules.toml").write_text(RULES)
    with (
        fresh_vhost(any_broker) as url,
        running_pipeline(url, tmp_path, held=["ingress"], RULES_FILE=str(tmp_path / "rules.toml")) as running,
    ):
        for name, worker in running.workers.items():
            if name != "ingress":
                worker.wait_ready()
        yield running


def log_of(pipeline: Pipeline) -> list[dict[str, Any]]:
    url = f"{pipeline.simulator.url}/api/2.0/settings/webhooks/log"
    rows: list[dict[str, Any]] = requests.get(url, headers=KEY, timeout=10).json()["response"]
    return rows


def given_up(row: dict[str, Any]) -> bool:
    return bool(json.loads(row["requestPayload"])["webhook"].get("retryCount") == 5)


def settled(pipeline: Pipeline, worker: str, upload: str) -> list[str]:
    return [event["outcome"] for event in pipeline.settled(worker) if event["correlation_id"] == upload]


@pytest.mark.timeout(240)
def test_the_portals_webhook_that_comes_after_the_sweeps_event_is_the_same_upload(pipeline: Pipeline) -> None:
    titles: dict[str, int | str] = {"Invoice own.pdf": ROOM, "Invoice third.pdf": seed.DROPBOX_ROOM}
    for title, folder in titles.items():
        pipeline.upload(title, folder=folder)
    wait_until(lambda: len(rows := log_of(pipeline)) == 2 and all(map(given_up, rows)), 90, "the portal to give up")
    lost = [row["id"] for row in log_of(pipeline)]
    command = (sys.executable, "-m", "console", "reconcile", "--grace", "0", "--json")
    done = forks.run(command, pipeline.workers["mover"].environ)
    assert json.loads(done.stdout)["injected"] == 2, done.stderr
    wait_until(lambda: all(map(pipeline.mails_about, titles)), 90, "both mails")
    uploads = {event["correlation_id"] for event in pipeline.settled("classifier")}
    assert len(uploads) == 2

    pipeline.workers["ingress"].start()
    pipeline.workers["ingress"].wait_ready()
    url = f"{pipeline.simulator.url}/api/2.0/settings/webhook/retry"
    requests.put(url, headers=KEY, json={"ids": lost}, timeout=10).raise_for_status()
    for upload in uploads:
        wait_until(lambda each=upload: len(settled(pipeline, "classifier", each)) == 2, 90, "the late webhook")
    assert {event["correlation_id"] for event in pipeline.settled("classifier")} == uploads

    def ended() -> bool:
        came = sum(event["outcome"] == "forward" for event in pipeline.settled("classifier"))
        return bool(came == sum(event["outcome"] != "retry" for event in pipeline.settled("mover")))

    wait_until(ended, 90, "the mover to end with all that it was given")
    for title in titles:
        assert len(pipeline.mails_about(title)) == 1
    assert len(pipeline.state()["moves"]) == 2
