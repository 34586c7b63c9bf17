"""A process whose broker user may declare nothing, on a broker that lacks what it needs."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from shared.amqp import declaration
from shared.amqp import topology as topology_module
from shared.amqp.confirms import UnavailableError, UnroutableError
from shared.amqp.operator import stream
from shared.amqp.operator.declared import declare
from shared.amqp.operator.making import whole
from shared.amqp.operator.requests import Requests
from shared.amqp.operator.tap import Tap
from shared.amqp.publisher import Publisher
from shared.amqp.topology import topology
from shared.runtime.metrics import Metrics
from shared.runtime.settle import EXCHANGE
from shared.text.codes import Code
from shared.wire.message import Message
from shared.wire.outcome import Dead
from tests.support.brokers import Broker, fresh_vhost
from tests.support.runtime import DELAYS_S, event, plain_channel, running_consumer
from tests.support.users import Users
from tests.support.waiting import wait_until

ADVICE = "the topology is missing or older: run `intake topology`"


@pytest.fixture
def users(any_broker: Broker, tmp_path: Path) -> Iterator[Users]:
    """On a virtual host without anything."""
    with fresh_vhost(any_broker) as url, Users(any_broker, url, tmp_path) as users:
        yield users


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One for each look that was taken; they follow each other soon."""
    taken: list[None] = []
    look = topology_module.look

    def counted(*arguments: object) -> None:
        taken.append(None)
        look(*arguments)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(declaration, "look", counted)
    monkeypatch.setattr(declaration, "LOOK_AGAIN_S", 0.05)
    return taken


def bury(_message: Message) -> Dead:
    return Dead("no message comes", Code.UNEXPECTED)


def make_topology(users: Users, tmp_path: Path) -> None:
    assert users.run("topology", "topology", DATABASE_URL=f"sqlite:///{tmp_path}/l.db").exit_code == 0


def publisher_as(users: Users, role: str, metrics: Metrics) -> Publisher:
    return Publisher([users.url(role)], topology(DELAYS_S), role, metrics)


def test_a_worker_looks_again_on_the_same_connection_says_it_once_and_goes_on(
    users: Users, tmp_path: Path, looks: list[None]
) -> None:
    with capture_logs() as logs, running_consumer(users.url("mover"), "mover", bury, ready=False) as consumer:
        wait_until(lambda: len(looks) >= 8, 30, "some looks")
        assert ADVICE in str(consumer.check())
        make_topology(users, tmp_path)
        wait_until(lambda: consumer.check() is None, 30, "the worker")
    told = [line["link"] for line in logs if line["event"] == "topology.missing"]
    assert sorted(told) == ["mover@test consume", "mover@test publish"]
    assert [line for line in logs if line["event"] == "broker.lost"] == []


def test_a_worker_waits_where_an_earlier_release_made_the_topology(users: Users, looks: list[None]) -> None:
    earlier = replace(whole(DELAYS_S), marker=f"{topology_module.MARKERS}.earlier")
    with users.connected("topology") as connection:
        declare(connection, earlier)
    with running_consumer(users.url("mover"), "mover", bury, ready=False) as consumer:
        wait_until(lambda: len(looks) >= 4, 30, "some looks")
        assert ADVICE in str(consumer.check())
        with users.connected("topology") as connection:
            declare(connection, whole(DELAYS_S))
        wait_until(lambda: consumer.check() is None, 30, "the worker")


def test_what_no_queue_takes_is_told_so_and_costs_no_connection(users: Users, tmp_path: Path) -> None:
    make_topology(users, tmp_path)
    metrics = Metrics()
    publisher = publisher_as(users, "mover", metrics)
    publisher.start()
    try:
        wait_until(lambda: publisher.check() is None, 30, "the publisher")
        with plain_channel(users.url("topology")) as channel:
            channel.queue_delete("history")  # which takes all events
            channel.queue_unbind("notifier", EXCHANGE, "invoice.filed")
            for _ in range(2):
                with pytest.raises(UnroutableError, match=ADVICE):
                    publisher.publish(event(1, "invoice.filed"), 10)
            channel.queue_bind("notifier", EXCHANGE, "invoice.filed")
        publisher.publish(event(1, "invoice.filed"), 10)
        assert metrics.connections_lost.labels("publish")._value.get() == 0
    finally:
        publisher.close()


def test_who_may_declare_needs_no_other_to_do_so(users: Users) -> None:
    publisher = publisher_as(users, "topology", Metrics())
    publisher.start()
    try:
        wait_until(lambda: publisher.check() is None, 30, "the publisher")
    finally:
        publisher.close()


def test_the_reconciler_and_a_person_who_listens_are_told_what_to_do(users: Users) -> None:
    for connect in (lambda: Requests([users.url("reconciler")]), lambda: Tap([users.url("console")])):
        with pytest.raises(UnavailableError, match=ADVICE):
            connect()


def test_the_history_waits_and_says_so_once(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "RECONNECT_S", 0.05)
    came = stream.batches([users.url("history")], DELAYS_S, lambda _: None, lambda: False)
    with capture_logs() as logs:
        assert list(islice(came, 3)) == [[], [], []]
    assert [ADVICE in line["error"] for line in logs if line["event"] == "history.connection_lost"] == [True]
