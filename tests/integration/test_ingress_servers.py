"""The ingress as a process, on each of its HTTP servers, against a real broker."""

import signal
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from demo.ports import free_port
from tests.support.brokers import Broker, fresh_vhost
from tests.support.ingress import SERVERS, event, post, raw_post, running_ingress
from tests.support.pipeline import Worker
from tests.support.runtime import take_one, waiting_in
from tests.support.waiting import wait_until
from tests.support.webhooks import EXAMPLE, signed_headers

LIMIT_BYTES = 2 * 1024 * 1024


def posted_at_once(ingress: Worker, numbers: range) -> list[tuple[int, float]]:
    """Status and seconds of each post."""

    def one(number: int) -> tuple[int, float]:
        started = time.monotonic()
        return post(ingress, event(number)).status_code, time.monotonic() - started

    with ThreadPoolExecutor(len(numbers)) as pool:
        return list(pool.map(one, numbers))


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ingress(server: str, any_vhost_url: str, tmp_path: Path) -> Iterator[Worker]:
    with running_ingress(server, any_vhost_url, tmp_path) as running:
        running.wait_connected()
        yield running


def test_a_signed_webhook_is_on_the_queue_when_the_200_comes(ingress: Worker, any_vhost_url: str) -> None:
    answer = post(ingress, EXAMPLE.encode())
    assert (answer.status_code, answer.text) == (200, '{"status":"ok"}')
    found = take_one(any_vhost_url, "classifier")
    assert found is not None
    assert found[0].body == EXAMPLE.encode()
    assert "intake_ready 1.0" in ingress.get("/metrics").text


def test_a_body_over_2_mib_is_413_on_the_wire_too(ingress: Worker) -> None:
    body = b"x" * (LIMIT_BYTES + 1)
    assert post(ingress, body).status_code == 413
    chunked = requests.post(
        ingress.webhook_url,
        data=iter([body[:1_000_000], body[1_000_000:]]),
        headers=signed_headers(body),
        timeout=20,
    )
    assert chunked.status_code == 413
    assert post(ingress, body[:-1]).status_code == 200


def test_many_posts_at_once_are_each_answered_and_stored_once(ingress: Worker, any_vhost_url: str) -> None:
    assert [status for status, _ in posted_at_once(ingress, range(5000, 5040))] == [200] * 40
    wait_until(lambda: waiting_in(any_vhost_url, "classifier") == 40, timeout_s=20, what="40 messages")


def test_clients_that_break_off_before_their_answer_do_no_harm(
    server: str, any_broker: Broker, tmp_path: Path
) -> None:
    with fresh_vhost(any_broker) as url, running_ingress(server, url, tmp_path) as ingress:

        def break_off(number: int) -> None:
            with socket.create_connection(("127.0.0.1", ingress.webhook_port), 10) as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close is a reset
                client.sendall(raw_post(event(number)))
                time.sleep(number % 20 / 5000)  # before the answer, as it is written, after it

        ingress.wait_connected()
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(break_off, range(1000)))
        assert post(ingress, event(1000)).status_code == 200
        assert ingress.stop(signal.SIGTERM) == 0


def test_a_post_that_waits_holds_up_no_other_and_sigterm_still_answers_it(
    server: str, any_broker: Broker, tmp_path: Path
) -> None:
    with (
        fresh_vhost(any_broker) as url,
        running_ingress(server, url, tmp_path, CONFIRM_TIMEOUT_S="3") as ingress,
    ):
        ingress.wait_connected()
        any_broker.pause()
        try:
            with ThreadPoolExecutor(1) as pool:
                answer = pool.submit(post, ingress, event(1))
                time.sleep(0.3)  # it waits for its confirm now
                assert requests.get(ingress.webhook_url, timeout=5).status_code == 200
                assert not answer.done()
                assert ingress.stop(signal.SIGTERM) == 0
                assert answer.result().status_code == 200
        finally:
            any_broker.unpause()


def test_who_connects_while_the_last_posts_are_answered_is_refused(
    server: str, any_broker: Broker, tmp_path: Path
) -> None:
    with (
        fresh_vhost(any_broker) as url,
        running_ingress(server, url, tmp_path, CONFIRM_TIMEOUT_S="4") as ingress,
    ):
        ingress.wait_connected()
        any_broker.pause()
        try:
            with ThreadPoolExecutor(1) as pool:
                answer = pool.submit(post, ingress, event(1))
                time.sleep(0.3)  # it waits for its confirm now
                assert ingress.process is not None
                ingress.process.send_signal(signal.SIGTERM)
                wait_until(lambda: refuses(ingress), 3, "the ingress to refuse connections")
                assert not answer.done()
                assert answer.result().status_code == 200
                assert ingress.wait(15) == 0
        finally:
            any_broker.unpause()


def refuses(ingress: Worker) -> bool:
    try:
        socket.create_connection(("127.0.0.1", ingress.webhook_port), timeout=1).close()
    except ConnectionError:  # reset, where it closes just then
        return True
    return False


def test_a_frozen_broker_delays_answers_by_the_confirm_timeout_and_gets_all(
    server: str, any_broker: Broker, tmp_path: Path
) -> None:
    with fresh_vhost(any_broker) as url, running_ingress(server, url, tmp_path) as ingress:
        ingress.wait_connected()
        assert post(ingress, event(1)).status_code == 200
        any_broker.pause()
        try:
            together = posted_at_once(ingress, range(2, 32))
            alone = posted_at_once(ingress, range(32, 33))
            assert ingress.get("/readyz").status_code == 200
        finally:
            any_broker.unpause()
        assert {status for status, _ in together + alone} == {200}
        assert max(took_s for _, took_s in together) < 3  # one after the other they would take 30
        assert alone[0][1] < 0.5  # once one confirm did not come, the next do not wait for theirs
        # some may be there twice: they were sent, and stored when their confirm did not come
        wait_until(lambda: waiting_in(url, "classifier") >= 32, timeout_s=60, what="all of them on the queue")


def test_with_neither_broker_nor_spool_the_answer_is_503_with_retry_after(server: str, tmp_path: Path) -> None:
    nowhere = f"amqp://127.0.0.1:{free_port()}/"
    with running_ingress(server, nowhere, tmp_path, SPOOL_MAX_BYTES="0") as ingress:
        answer = post(ingress, EXAMPLE.encode())
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert ingress.get("/readyz").status_code == 503


def test_a_host_with_several_addresses_is_served_on_each(any_vhost_url: str, tmp_path: Path) -> None:
    with running_ingress("waitress", any_vhost_url, tmp_path, INGRESS_HOST="*") as ingress:
        ingress.wait_connected()
        assert post(ingress, event(1)).status_code == 200
        assert ingress.stop(signal.SIGTERM) == 0


def test_a_taken_port_is_a_sentence_and_exit_code_2(server: str, any_vhost_url: str, tmp_path: Path) -> None:
    with running_ingress(server, any_vhost_url, tmp_path) as first:
        second = Worker(
            "ingress", first.environ | {"SPOOL_PATH": f"{tmp_path}/2.db"}, tmp_path / "second.log", first.port
        )
        second.start()
        assert second.wait(20) == 2
        assert f"cannot listen on 127.0.0.1:{first.webhook_port}" in second.written()
        second.start(INGRESS_PORT=str(free_port()))
        assert second.wait(20) == 2
        assert f"HEALTH_PORT {first.port} cannot be had" in second.written()


def test_the_public_port_serves_the_webhook_alone(ingress: Worker) -> None:
    for path in ("/metrics", "/readyz", "/healthz", "/"):
        answer = requests.get(f"http://127.0.0.1:{ingress.webhook_port}{path}", timeout=5)
        assert answer.status_code == 404
        assert "intake" not in answer.text


def test_a_setting_that_is_no_more_is_ignored_with_one_warning(any_vhost_url: str, tmp_path: Path) -> None:
    with running_ingress("waitress", any_vhost_url, tmp_path, INGRESS_THREADS="64") as ingress:
        assert post(ingress, event(1)).status_code == 200
        assert ingress.stop() == 0
        ignored = [line["name"] for line in ingress.events() if line["event"] == "setting.ignored"]
        assert ignored == ["INGRESS_THREADS"]
