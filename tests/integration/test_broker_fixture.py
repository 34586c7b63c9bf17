"""The test bed itself: a broker that tests may crash keeps its URL and what it confirmed."""

import pika
import psycopg
import pytest

from demo.broker import sends_amqp_header
from tests.support.brokers import Broker, fresh_vhost
from tests.support.databases import find_postgres, private_database
from tests.support.waiting import wait_until

QUEUE = "kept"


def publish(url: str, body: bytes) -> None:
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        channel.queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
        channel.confirm_delivery()
        channel.basic_publish("", QUEUE, body, pika.BasicProperties(delivery_mode=2), mandatory=True)


def take(url: str) -> bytes | None:
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        body: bytes | None = connection.channel().basic_get(QUEUE, auto_ack=True)[2]
        return body


@pytest.mark.timeout(300)
def test_a_confirmed_message_outlives_a_crash_of_the_broker(broker: Broker, vhost_url: str) -> None:
    publish(vhost_url, b"still here")

    broker.kill()
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        take(vhost_url)
    broker.start()

    assert wait_until(lambda: take(vhost_url), 20, "the message after the crash") == b"still here"


@pytest.mark.timeout(300)
def test_a_confirmed_message_outlives_an_orderly_restart(broker: Broker, vhost_url: str) -> None:
    publish(vhost_url, b"still here")

    broker.restart()

    assert wait_until(lambda: take(vhost_url), 20, "the message after the restart") == b"still here"


def test_a_paused_broker_answers_nothing_until_it_is_resumed(broker: Broker, vhost_url: str) -> None:
    port = pika.URLParameters(vhost_url).port
    broker.pause()
    assert not sends_amqp_header(port)
    broker.unpause()
    wait_until(lambda: sends_amqp_header(port), 20, "the resumed broker")


def test_a_broker_left_down_is_mended_for_the_next_test(broker_private: Broker) -> None:
    broker_private.kill()
    with fresh_vhost(broker_private) as url:
        publish(url, b"mended")


def test_each_test_has_its_own_virtual_host(any_vhost_url: str, any_broker: Broker) -> None:
    publish(any_vhost_url, b"mine")
    with fresh_vhost(any_broker) as other, pytest.raises(pika.exceptions.ChannelClosedByBroker):
        take(other)


def test_postgres_answers(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_private_postgres_answers_where_the_package_is_installed() -> None:
    programs = find_postgres()
    assert programs is not None, "install the postgresql package (`make test` does)"
    with private_database(programs) as database, psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
