"""The consumers in examples/ get each event once: of before, after a kill, after a restart of the broker."""

import json
from collections.abc import Iterator
from pathlib import Path

import pika
import pytest
import requests
from typer.testing import CliRunner

from console.__main__ import app
from tests.support.brokers import Broker, fresh_vhost
from tests.support.examples import Example
from tests.support.runtime import plain_channel, running_publisher, waiting_in
from tests.support.waiting import wait_until

pytestmark = pytest.mark.timeout(240)  # each installs its package
CONSUMERS = {"python-consumer": "py", "node-consumer": "js"}
SAID = "amqp://dev.erp:PASSWORD@127.0.0.1:5672/"


@pytest.fixture
def vhost(any_broker: Broker) -> Iterator[str]:
    with fresh_vhost(any_broker) as url:
        with running_publisher(url):
            pass
        yield url
        for name in CONSUMERS.values():
            user = f"{any_broker.management_url}/api/users/dev.{name}"
            requests.delete(user, auth=("guest", "guest"), timeout=30)


def publish(url: str, *numbers: int) -> None:
    with plain_channel(url) as channel:
        channel.confirm_delivery()
        for number in numbers:
            properties = pika.BasicProperties(message_id=f"00000000-0000-5000-8000-{number:012}", delivery_mode=2)
            channel.basic_publish(
                "docspace", "invoice.filed", json.dumps({"file_id": number}).encode(), properties, mandatory=True
            )


def numbers_of(example: Example) -> list[int]:
    return sorted(json.loads(text)["file_id"] for text in example.done().values())


def test_a_consumer_gets_every_event_once_whatever_stops_it_or_the_broker(
    any_broker: Broker, vhost: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTAKE_ENV_FILE", "none")
    monkeypatch.setenv("AMQP_URL", vhost)
    monkeypatch.setenv("MANAGEMENT_URL", any_broker.management_url)
    examples = []
    for folder, name in CONSUMERS.items():
        made = json.loads(CliRunner().invoke(app, ["events", "consumer", name, "--json"]).stdout)
        given = {SAID: made["url"], "QUEUE=dev.erp.invoices": f"QUEUE={made['queue']}"}
        examples.append(Example(folder, tmp_path, given))

    def all_have(*numbers: int, what: str) -> None:
        wait_until(lambda: all(numbers_of(each) == [*numbers] for each in examples), 60, f"all {what}", every_s=0.2)

    publish(vhost, 1, 2)  # nobody runs yet
    with examples[0] as first, examples[1] as second:
        wait_until(lambda: first.said("listening") and second.said("listening"), 120, "the packages", every_s=0.2)
        all_have(1, 2, what="from before they ran")
        made = [each.done() for each in examples]
        for each in examples:
            each.kill()
        publish(vhost, 2, 3)
        for each in examples:
            each.start()
        all_have(1, 2, 3, what="from while they were away")
        any_broker.restart()
        publish(vhost, 4)
        all_have(1, 2, 3, 4, what="after the broker's restart")
        queues = [f"dev.{name}.invoices" for name in CONSUMERS.values()]
        wait_until(lambda: not any(waiting_in(vhost, queue) for queue in queues), 10, "all to be acknowledged")
        for each, before in zip(examples, made, strict=True):
            assert before.items() <= each.done().items(), "what came twice was made twice"
            assert not list(each.folder.glob("done/*.part"))
