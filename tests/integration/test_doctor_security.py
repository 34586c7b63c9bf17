"""What the doctor says of the broker's well-known user, on a real broker and where none answers."""

import socket
import threading
from urllib.parse import SplitResult, urlsplit

import pytest
import requests

from console.doctor.line import Level
from console.doctor.security import CHECKS
from demo.ports import free_port
from shared.amqp.confirms import UnavailableError
from shared.amqp.operator.connect import signs_in
from tests.support.brokers import Broker, fresh_vhost

ADMIN = ("guest", "guest")
FRAME_BYTES = 65_536


def of_guest(*urls: str) -> list[tuple[Level, str]]:
    """What is told of guest: how bad it is, and why."""
    lines = CHECKS["broker"]({"AMQP_URL": ",".join(urls)})
    return [(line.level, line.cause) for line in lines if "guest" in line.text and line.cause != "broker-rights"]


def nobody_at(port: int) -> str:
    return f"amqp://intake-console:secret@127.0.0.1:{port}/"


def test_a_broker_that_takes_guest_is_a_failure(any_vhost_url: str) -> None:
    assert of_guest(any_vhost_url) == [(Level.FAILED, "guest")]


def test_a_broker_that_does_not_answer_is_not_called_free_of_guest() -> None:
    assert of_guest(nobody_at(free_port())) == [(Level.WARNING, "unseen")]


def test_each_of_several_brokers_is_asked(any_vhost_url: str) -> None:
    assert of_guest(nobody_at(free_port()), any_vhost_url) == [(Level.WARNING, "unseen"), (Level.FAILED, "guest")]


def test_a_wrong_password_is_refused_and_a_right_one_without_rights_is_known(broker: Broker) -> None:
    with fresh_vhost(broker) as url:
        user = f"{broker.management_url}/api/users/security-test"
        requests.put(user, json={"password": "Right-12345", "tags": ""}, auth=ADMIN, timeout=10).raise_for_status()
        try:
            as_user = url.replace("guest:guest@", "security-test:{}@")
            assert signs_in(as_user.format("Right-12345"), "test")
            assert not signs_in(as_user.format("wrong"), "test")
        finally:
            requests.delete(user, auth=ADMIN, timeout=10).raise_for_status()


def test_a_connection_lost_while_signing_in_is_no_refusal(any_broker: Broker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as between:
        dropping = threading.Thread(target=drop_at_the_password, args=(between, urlsplit(any_broker.amqp_url)))
        dropping.start()
        with pytest.raises(UnavailableError):
            signs_in(nobody_at(between.getsockname()[1]), "test")
        dropping.join()


def drop_at_the_password(between: socket.socket, broker: SplitResult) -> None:
    """The broker's own greeting reaches one client, whose answer, with the password, reaches nobody."""
    client, _ = between.accept()
    with client, socket.create_connection((broker.hostname, broker.port), timeout=10) as server:
        server.sendall(client.recv(FRAME_BYTES))
        client.sendall(server.recv(FRAME_BYTES))
        client.recv(FRAME_BYTES)
