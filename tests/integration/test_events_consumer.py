"""`events consumer` on a real broker: a queue and a user who may use it, and nothing else."""

import contextlib
import json
import shlex
from collections.abc import Iterator
from typing import Any

import pika
import pytest
import requests
from pika.exceptions import AMQPError, ChannelClosedByBroker
from typer.testing import CliRunner, Result

from console.__main__ import app
from console.events.consumer import Consumer
from tests.support.brokers import Broker
from tests.support.documents import ROOT
from tests.support.runtime import plain_channel, running_publisher
from tests.support.waiting import wait_until


@pytest.fixture
def site(any_broker: Broker, any_vhost_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A broker on which the workers have run. Users outlive a virtual host."""
    monkeypatch.setenv("INTAKE_ENV_FILE", "none")
    monkeypatch.setenv("AMQP_URL", any_vhost_url)
    monkeypatch.setenv("MANAGEMENT_URL", any_broker.management_url)
    with running_publisher(any_vhost_url):
        pass
    yield any_vhost_url
    for user in ("dev.erp", "dev.other"):
        requests.delete(f"{any_broker.management_url}/api/users/{user}", auth=("guest", "guest"), timeout=30)


def run(*arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(app, ["events", "consumer", *arguments], input=answer)


def made(*arguments: str) -> dict[str, Any]:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def may_not(url: str, what: str, *arguments: Any, **named: Any) -> bool:
    """Whether the broker refuses it, with its own word for that."""
    try:
        with plain_channel(url) as channel:
            getattr(channel, what)(*arguments, **named)
            channel.queue_declare("dev.erp.invoices", passive=True)  # a refused publish is told by what comes next
    except ChannelClosedByBroker as error:
        return "ACCESS_REFUSED" in error.reply_text
    return False


def publish(url: str, key: str) -> None:
    with plain_channel(url) as channel:
        channel.basic_publish("docspace", key, b"{}")


def test_the_queue_gets_what_was_asked_for_and_its_user_may_take_it(site: str) -> None:
    told = made("erp", "--events", "invoice.filed,event.*")
    for key in ("invoice.filed", "event.skipped", "invoice.detected"):
        publish(site, key)
    with plain_channel(told["url"]) as channel:
        taken = [channel.basic_get(told["queue"], auto_ack=True)[0].routing_key for _ in range(2)]
        assert taken == ["invoice.filed", "event.skipped"]
        assert channel.basic_get(told["queue"])[0] is None


def test_the_user_may_nothing_else(site: str) -> None:
    url, other = made("erp")["url"], made("other")["queue"]
    with plain_channel(site) as channel:
        channel.queue_declare("dev.erp", durable=True)
    refused = {
        "publish": may_not(url, "basic_publish", "docspace", "invoice.filed", b"{}"),
        "publish past the exchanges": may_not(url, "basic_publish", "", "mover", b"{}"),
        "a worker's queue": may_not(url, "basic_get", "mover"),
        "purge": may_not(url, "queue_purge", "mover"),
        "delete": may_not(url, "queue_delete", "notifier"),
        "another's queue": may_not(url, "basic_get", other),
        "a queue that only begins so": may_not(url, "basic_get", "dev.erp"),
        "a queue of another name": may_not(url, "queue_declare", "mine"),
        "another key": may_not(url, "queue_bind", "dev.erp.invoices", "docspace", "webhook.#"),
        "the dead letters": may_not(url, "queue_bind", "dev.erp.invoices", "dead", "mover.dead"),
    }
    assert [what for what, is_refused in refused.items() if not is_refused] == []


def test_once_more_keeps_the_password_and_binds_to_what_is_asked_now(site: str) -> None:
    first, again = made("erp"), made("erp", "--events", "event.skipped")
    assert again["password"] is None
    publish(site, "invoice.filed")
    publish(site, "event.skipped")
    with plain_channel(first["url"]) as channel:
        assert channel.basic_get(first["queue"], auto_ack=True)[0].routing_key == "event.skipped"
        assert channel.basic_get(first["queue"])[0] is None
    renewed = made("erp", "--new-password")
    with pytest.raises(AMQPError):
        pika.BlockingConnection(pika.URLParameters(first["url"]))
    with plain_channel(renewed["url"]):
        pass


def test_what_is_printed_for_an_administrator_gives_the_same_rights(site: str, any_broker: Broker) -> None:
    told = made("erp", "--print")
    add_user, *rights = map(shlex.split, told["commands"])
    assert add_user == ["rabbitmqctl", "add_user", "dev.erp"]  # which asks for the password
    user = f"{any_broker.management_url}/api/users/dev.erp"
    requests.put(user, json={"password": "PASSWORD", "tags": ""}, auth=("guest", "guest"), timeout=30)
    for _, *arguments in rights:
        any_broker.ctl(*arguments)
    url = told["url"]
    with plain_channel(url) as channel:
        channel.queue_declare("dev.erp.more", durable=True)
        channel.queue_bind("dev.erp.more", "docspace", "invoice.filed")
    assert may_not(url, "basic_get", "mover")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"MANAGEMENT_URL": "http://127.0.0.1:9"}, "the management API at http://127.0.0.1:9 does not answer"),
        ({"AMQP_URL": "amqp://guest:wrong@127.0.0.1:5672/"}, "does not do it: "),
    ],
)
def test_a_management_api_that_does_not_do_it_is_told(
    site: str, settings: dict[str, str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    done = run("erp")
    assert done.exit_code == 1
    assert sentence in done.stderr
    assert "`--print` says how to do it by hand" in done.stderr


def test_a_broker_on_which_no_worker_has_run_is_told(
    any_broker: Broker, any_vhost_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMQP_URL", any_vhost_url)
    monkeypatch.setenv("MANAGEMENT_URL", any_broker.management_url)
    done = run("erp")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "has no exchange docspace: start the workers" in done.stderr


@pytest.mark.parametrize("arguments", ["Erp", "a.b", "erp --events invoice.fild", "erp --events ,"])
def test_what_no_queue_can_be_made_of_is_wrong_usage(arguments: str) -> None:
    assert run(*arguments.split()).exit_code == 2


def test_the_code_that_is_printed_is_the_example(site: str) -> None:
    assert made("erp", "--print")["code"] == (ROOT / "examples/python-consumer/consumer.py").read_text()
    assert run("erp", "--print").stdout == (ROOT / "examples/python-consumer/consumer.py").read_text()


def there(url: str, *queues: str) -> list[str]:
    found = []
    for queue in queues:
        with contextlib.suppress(ChannelClosedByBroker), plain_channel(url) as channel:
            channel.queue_declare(queue, passive=True)
            found.append(queue)
    return found


def test_a_consumer_is_removed_with_all_its_queues_once_a_person_agrees(site: str) -> None:
    told, other = made("erp"), made("other")
    with plain_channel(told["url"]) as channel:
        channel.queue_declare("dev.erp.more", durable=True)
    publish(site, "invoice.filed")
    queues = (told["queue"], "dev.erp.more", other["queue"], "mover")
    wait_until(
        lambda: "dev.erp.invoices: 1 message in it, lost" in run("erp", "--remove", answer="n\n").stderr, 30, "it"
    )
    assert there(site, *queues) == list(queues)
    done = run("erp", "--remove", answer="y\n")
    assert (done.exit_code, "queue dev.erp.more: 0 messages in it, lost" in done.stderr) == (0, True)
    assert there(site, *queues) == [other["queue"], "mover"]
    with pytest.raises(AMQPError):
        pika.BlockingConnection(pika.URLParameters(told["url"]))
    with plain_channel(other["url"]):
        pass
    again = run("erp", "--remove", "--yes")
    assert (again.exit_code, "the broker has no user dev.erp" in again.stderr) == (1, True)


def test_what_is_left_of_a_consumer_is_removed_too(site: str, any_broker: Broker) -> None:
    told = made("erp")
    requests.delete(f"{any_broker.management_url}/api/users/dev.erp", auth=("guest", "guest"), timeout=30)
    done = run("erp", "--remove", "--yes", "--json")
    assert json.loads(done.stdout) == {"user": None, "queues": {told["queue"]: 0}}


@pytest.mark.parametrize("more", ["--print", "--new-password", "--json"])
def test_what_does_not_go_with_removing_is_wrong_usage(more: str) -> None:
    assert run("erp", "--remove", more).exit_code == 2


def test_the_user_is_the_one_that_broker_users_makes() -> None:
    told = CliRunner().invoke(
        app,
        ["broker", "users", "--developer", "erp", "--hears", "invoice.filed", "--json"],
        env={"AMQP_URL": "amqp://h/"},
    )
    role = json.loads(told.stdout)[-1]
    consumer = Consumer("erp", ("invoice.filed",))
    assert (role["user"], role["patterns"]["hears"]) == (consumer.user, consumer.topics["read"])
    assert {what: role["patterns"][what] for what in ("configure", "write", "read")} == consumer.permissions
