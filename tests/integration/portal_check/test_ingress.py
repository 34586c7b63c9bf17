"""`intake portal check` beside a real ingress: its webhook is looked for where the ingress publishes."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from console.__main__ import app
from shared.docspace.client import Client
from shared.docspace.webhooks import Webhooks
from tests.contract.simulator_quirks.receiver import Receiver
from tests.support.brokers import Broker, fresh_vhost
from tests.support.history import Projector
from tests.support.pipeline import WORKERS, Pipeline, running_pipeline

ALONE = [name for name in WORKERS if name != "ingress"]


@pytest.fixture
def pipeline(any_broker: Broker, tmp_path: Path) -> Iterator[Pipeline]:
    with fresh_vhost(any_broker) as url, running_pipeline(url, tmp_path, held=ALONE) as running:
        projector = Projector(url, tmp_path)
        try:
            running.workers["ingress"].wait_ready()
            yield running
        finally:
            projector.kill()


def check(pipeline: Pipeline, wait_s: int) -> Result:
    environ = pipeline.workers["mover"].environ
    return CliRunner().invoke(app, ["portal", "check", "--yes", "--wait", str(wait_s)], env=environ)


def test_the_webhook_of_the_checks_file_is_seen_at_the_ingress(pipeline: Pipeline) -> None:
    result = check(pipeline, 30)
    assert result.exit_code == 0, result.output
    assert "webhook seen at the ingress" in result.stdout


def test_a_webhook_that_goes_elsewhere_is_said_not_to_come_to_this_ingress(pipeline: Pipeline) -> None:
    receiver = Receiver()
    try:
        with contextlib.closing(Client(pipeline.simulator.url, "sk-simulator", pool_size=1)) as client:
            webhooks = Webhooks(client)
            for hook in webhooks.list():
                webhooks.update(hook, url=f"{receiver.url}/hook")
        result = check(pipeline, 5)
    finally:
        receiver.close()
    assert result.exit_code == 1
    assert "the portal delivered it, and it did not come to this ingress" in result.stdout
