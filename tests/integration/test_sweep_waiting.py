"""A sweep while events wait on our own side: none is sent in again. What is sent in has a name of its own."""

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.ports import free_port
from tests.support import forks
from tests.support.brokers import Broker, fresh_vhost
from tests.support.history import Projector
from tests.support.pipeline import Pipeline, running_pipeline
from tests.support.runtime import waiting_in
from tests.support.waiting import wait_until


@pytest.fixture
def vhost(any_broker: Broker) -> Iterator[str]:
    with fresh_vhost(any_broker) as url:
        yield url


@pytest.fixture
def pipeline(vhost: str, tmp_path: Path) -> Iterator[Pipeline]:
    """Without its classifier and mover."""
    with running_pipeline(vhost, tmp_path, held=["classifier", "mover"]) as running:
        running.workers["ingress"].wait_connected()
        running.workers["notifier"].wait_ready()
        yield running


@pytest.fixture
def projector(vhost: str, tmp_path: Path) -> Iterator[Projector]:
    found = Projector(vhost, tmp_path)
    yield found
    found.kill()


def swept(pipeline: Pipeline, **environ: str) -> dict[str, Any]:
    command = (sys.executable, "-m", "console", "reconcile", "--grace", "0", "--json")
    done = forks.run(command, pipeline.workers["mover"].environ | environ)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def states(report: dict[str, Any]) -> dict[str, str]:
    return {file["title"]: file["state"] for file in report["files"]}


def answered(pipeline: Pipeline) -> list[int]:
    return [sent["status"] for sent in pipeline.state()["deliveries"]]


@pytest.mark.timeout(300)
def test_what_waits_in_the_queues_is_waiting_and_is_filed_without_the_sweep(
    pipeline: Pipeline, projector: Projector, vhost: str
) -> None:
    pipeline.upload("Invoice waits.pdf")
    wait_until(lambda: waiting_in(vhost, "classifier") == 1, 60, "the event to wait for the classifier")
    for stage, follows in (("classifier", "mover"), ("mover", "")):
        report = swept(pipeline)
        assert (states(report), report["injected"]) == ({"Invoice waits.pdf": "waiting"}, 0)
        assert report["files"][0]["why"] == f"its event waits in the queue of the {stage}"
        pipeline.workers[stage].start()
        pipeline.workers[stage].wait_ready()
        if follows:
            wait_until(lambda name=follows: waiting_in(vhost, name) == 1, 60, f"it to wait for the {follows}")
    wait_until(lambda: pipeline.mails_about("Invoice waits.pdf"), 60, "the mail")
    wait_until(lambda: projector.state_of("Invoice waits.pdf") == "filed", 60, "the history to be told")
    assert "reconciler" not in {stage for stage, _ in projector.story_of("Invoice waits.pdf")}


@pytest.mark.timeout(300)
def test_what_a_spool_may_hold_is_waiting_and_what_is_missed_is_sent_in_by_name(
    pipeline: Pipeline, projector: Projector
) -> None:
    ingress = pipeline.workers["ingress"]
    ingress.stop(signal.SIGTERM)
    ingress.start(AMQP_URL=f"amqp://127.0.0.1:{free_port()}/")
    wait_until(ingress.answers, 60, "the ingress to answer")
    pipeline.upload("Invoice kept.pdf")
    wait_until(lambda: 200 in answered(pipeline), 60, "the webhook to be taken")
    report = swept(pipeline, HEALTH_URLS=f"http://127.0.0.1:{ingress.port}")
    assert (states(report), report["injected"]) == ({"Invoice kept.pdf": "waiting"}, 0)
    assert report["files"][0]["why"] == "events wait in a spool, and its own may be one of them"

    report = swept(pipeline)  # nobody said where the spool is
    assert (states(report), report["injected"]) == ({"Invoice kept.pdf": "missed"}, 1)
    wait_until(lambda: projector.state_of("Invoice kept.pdf") == "waiting", 60, "the history to be told")
    assert projector.story_of("Invoice kept.pdf") == [("reconciler", "received")]
    told = projector.ask("find", "Invoice kept.pdf")[0]["correlation_id"]
    assert "  reconciler  sent in  webhook.file.uploaded" in plain_timeline(projector, told)


def plain_timeline(projector: Projector, upload: str) -> str:
    done = forks.run((sys.executable, "-m", "console", "timeline", upload), projector.environ)
    assert done.returncode == 0, done.stderr
    return done.stdout
