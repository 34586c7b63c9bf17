"""What anybody can do to the ingress's port: on each of its HTTP servers the webhooks get through."""

import contextlib
import re
import resource
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from ingress.http.connections import CONNECTIONS
from tests.support.brokers import Broker, fresh_vhost
from tests.support.ingress import SERVERS, event, post, raw_post, running_ingress
from tests.support.pipeline import Worker
from tests.support.runtime import waiting_in
from tests.support.waiting import wait_until

HALF_A_HEAD = b"POST /docspace/webhook HTTP/1.1\r\nHost: x\r\nX-Slow: "
HALF_A_BODY = b"POST /docspace/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
MORE_FILES = 8192
HEAD_S, BODY_S = 10, 30
LATENESS_S = 4
"""A busy machine's, on top."""


@pytest.fixture(params=SERVERS)
def ingress(request: pytest.FixtureRequest, any_vhost_url: str, tmp_path: Path) -> Iterator[Worker]:
    with running_ingress(str(request.param), any_vhost_url, tmp_path) as running:
        running.wait_connected()
        yield running
        assert "Traceback" not in running.written()


@pytest.fixture(autouse=True)
def many_files() -> Iterator[None]:
    """For our ends of the connections, and for the process that has the others."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, MORE_FILES)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def connect(ingress: Worker) -> socket.socket:
    return socket.create_connection(("127.0.0.1", ingress.webhook_port), 20)


def heard(client: socket.socket, timeout_s: float = 20) -> bytes:
    """All that comes until the other end closes."""
    client.settimeout(timeout_s)
    answer = b""
    with contextlib.suppress(ConnectionError):
        while piece := client.recv(65_536):
            answer += piece
    return answer


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answer)]


def asked(ingress: Worker, request: bytes) -> list[int]:
    """The statuses of all that is answered to what is sent, and then no more."""
    with connect(ingress) as client:
        with contextlib.suppress(OSError):  # it may refuse, and close, while we still send
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
        return statuses(heard(client))


def resident_mb(ingress: Worker) -> float:
    assert ingress.process is not None
    status = Path(f"/proc/{ingress.process.pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def refused(ingress: Worker, reason: str) -> int:
    line = re.escape(f'intake_requests_refused_total{{reason="{reason}"}} ')
    found = re.search(rf"^{line}(\S+)$", ingress.get("/metrics").text, re.MULTILINE)
    return int(float(found[1])) if found else 0


def test_each_server_answers_the_same_to_a_client_that_half_closes(ingress: Worker) -> None:
    whole, unsigned = raw_post(event(1)), raw_post(event(2), signed=False)
    deep = b'{"event":{"trigger":' + b"[" * 1000 + b"]" * 1000 + b"}}"
    wanted = {
        "a whole request": (whole, [200]),
        "HTTP/1.0": (whole.replace(b"HTTP/1.1", b"HTTP/1.0"), [200]),
        "HTTP/0.9": (b"GET /docspace/webhook\r\n\r\n", [400]),
        "HTTP/2.0": (whole.replace(b"HTTP/1.1", b"HTTP/2.0"), [400]),
        "HTTP/2's preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]),
        "several": (whole + unsigned + raw_post(event(3)) + b"?\r\n\r\n", [200, 401, 200, 400]),
        "another coding": (raw_post(event(1), "Transfer-Encoding: gzip"), [400]),
        "two framings": (raw_post(event(1), "Transfer-Encoding: chunked"), [400]),
        "two lengths": (raw_post(event(1), "Content-Length: 9"), [400]),
        "an upgrade": (raw_post(event(1), "Connection: Upgrade", "Upgrade: websocket"), [200]),
        "a long head": (raw_post(event(1), "X: " + "x" * 40_000), [431]),
        "deep JSON": (raw_post(deep), [200]),
        "a broken address": (b"GET http://[ HTTP/1.1\r\n\r\n", [400]),
        "an empty line before": (b"\r\n\r\n" + whole, [200]),
        "all but its last byte": (whole[:-1], []),
    }
    answers = {name: asked(ingress, request) for name, (request, _) in wanted.items()}
    assert answers == {name: statuses for name, (_, statuses) in wanted.items()}


def test_each_server_answers_the_same_to_chunks(ingress: Worker) -> None:
    body = event(1)
    head, _, _ = raw_post(body, "Transfer-Encoding: chunked").partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    whole = b"%x\r\n%b\r\n0\r\n" % (len(body), body)
    wanted = {
        "whole": (whole + b"\r\n", [200]),
        "with a trailer": (whole + b"X-DocSpace-Signature-256: sha256=00\r\n\r\n", [200]),
        "with an extension": (b"%x;a=b\r\n%b\r\n0\r\n\r\n" % (len(body), body), [200]),
        "no size": (b"zz\r\n", [400]),
        "wrong size": (b"1\r\nabc\r\n0\r\n\r\n", [400]),
        "long extension": (b"1;" + b"a" * 10_000, [400]),
        "long trailer": (b"0\r\nX: " + b"a" * 10_000, [400]),
        "over 2 MiB": (b"300000\r\n" + b" " * 0x300000, [413]),
    }
    answers = {
        name: asked(ingress, b"\r\n".join(lines) + b"\r\n\r\n" + chunks) for name, (chunks, _) in wanted.items()
    }
    assert answers == {name: statuses for name, (_, statuses) in wanted.items()}


@pytest.mark.timeout(120)
def test_a_request_that_trickles_in_is_408_when_its_time_is_up(ingress: Worker) -> None:
    def trickled(beginning: bytes) -> tuple[list[int], float]:
        began = time.monotonic()
        with connect(ingress) as client:
            client.sendall(beginning)
            client.settimeout(0.5)
            answer = b""
            while time.monotonic() < began + BODY_S + 2 * LATENESS_S:
                with contextlib.suppress(TimeoutError):
                    answer = client.recv(1000)
                    break
                client.sendall(b"x")
        return statuses(answer), time.monotonic() - began

    with ThreadPoolExecutor(2) as pool:
        head, body = pool.map(trickled, (HALF_A_HEAD, HALF_A_BODY))
    assert (head[0], body[0]) == ([408], [408])
    assert HEAD_S - 1 < head[1] < HEAD_S + LATENESS_S
    assert BODY_S - 1 < body[1] < BODY_S + LATENESS_S
    assert (refused(ingress, "late in head"), refused(ingress, "late in body")) == (1, 1)


@pytest.mark.parametrize("beginning", [b"", HALF_A_HEAD, HALF_A_BODY])
def test_more_half_open_connections_than_there_is_room_for_keep_no_webhook_out(
    ingress: Worker, beginning: bytes
) -> None:
    with contextlib.ExitStack() as open_ones:
        for _ in range(CONNECTIONS + 100):
            client = open_ones.enter_context(connect(ingress))
            client.sendall(beginning)
        took_s = []
        for number in range(30):
            began = time.monotonic()
            assert post(ingress, event(number)).status_code == 200
            took_s.append(time.monotonic() - began)
        assert max(took_s) < 3
        assert refused(ingress, "too many connections") >= 100


def test_at_the_limit_no_webhook_that_is_being_published_is_given_up(any_broker: Broker, tmp_path: Path) -> None:
    for server in SERVERS:
        folder = tmp_path / server
        folder.mkdir()
        with (
            fresh_vhost(any_broker) as url,
            running_ingress(server, url, folder, CONFIRM_TIMEOUT_S="20") as ingress,
            contextlib.ExitStack() as open_ones,
        ):
            ingress.wait_connected()
            any_broker.pause()
            try:
                waiting = [open_ones.enter_context(connect(ingress)) for _ in range(20)]
                for number, client in enumerate(waiting):
                    client.sendall(raw_post(event(number)))
                for _ in range(CONNECTIONS + 100):
                    open_ones.enter_context(connect(ingress)).sendall(HALF_A_HEAD)
                wait_until(lambda i=ingress: refused(i, "too many connections") >= 100, 20, "the limit")
            finally:
                any_broker.unpause()
            for client in waiting:
                client.settimeout(20)
                assert statuses(client.recv(1000)) == [200]


def test_a_client_that_pipelines_and_reads_no_answer_takes_no_memory(ingress: Worker) -> None:
    post(ingress, event(1))
    before_mb = resident_mb(ingress)
    many = raw_post(event(2), signed=False) * 2000
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(3)
        client.connect(("127.0.0.1", ingress.webhook_port))
        with contextlib.suppress(TimeoutError):  # once it reads no further, and no more fits in between
            while True:
                client.sendall(many)
        assert post(ingress, event(3)).status_code == 200
        assert resident_mb(ingress) - before_mb < 20


def test_pipelined_posts_are_all_answered_in_order_and_take_no_memory(ingress: Worker) -> None:
    post(ingress, event(1))
    before_mb = resident_mb(ingress)
    pair = raw_post(event(2), signed=False) + b"PUT /docspace/webhook HTTP/1.1\r\nHost: x\r\n\r\n"
    with connect(ingress) as client, ThreadPoolExecutor(1) as pool:
        answers = pool.submit(heard, client)
        client.sendall(pair * 5000)
        client.shutdown(socket.SHUT_WR)
        assert statuses(answers.result()) == [401, 405] * 5000
    assert resident_mb(ingress) - before_mb < 20


def test_a_header_of_97_mb_is_refused_at_once(ingress: Worker) -> None:
    post(ingress, event(1))
    before_mb, began = resident_mb(ingress), time.monotonic()
    with connect(ingress) as client:
        with contextlib.suppress(ConnectionError):
            client.sendall(b"GET /docspace/webhook HTTP/1.1\r\nX: ")
            for _ in range(97):
                client.sendall(b"x" * 1_000_000)
        assert statuses(heard(client)) == [431]
    assert time.monotonic() - began < 3
    assert resident_mb(ingress) - before_mb < 20


@pytest.mark.parametrize("server", SERVERS)
def test_without_a_file_left_it_says_so_once_a_second_and_goes_on(
    server: str, any_vhost_url: str, tmp_path: Path
) -> None:
    with running_ingress(server, any_vhost_url, tmp_path) as ingress, contextlib.ExitStack() as open_ones:
        ingress.wait_connected()
        assert post(ingress, event(1)).status_code == 200
        assert ingress.process is not None
        pid = ingress.process.pid
        used = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        soft, _ = resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 20, used + 20))
        assert soft > used + 20
        began = time.monotonic()
        for _ in range(200):
            open_ones.enter_context(connect(ingress)).sendall(HALF_A_HEAD)
        for number in range(20):
            assert post(ingress, event(number)).status_code == 200
        lines = [line for line in ingress.events() if line["event"] == "connection.no_files"]
        assert 1 <= len(lines) <= time.monotonic() - began + 1
        assert ingress.ready()
        assert "Traceback" not in ingress.written()
        wait_until(lambda: waiting_in(any_vhost_url, "classifier") >= 21, 20, "the events on the queue")


def test_refusals_write_a_line_a_second_and_count_each(ingress: Worker) -> None:
    began = time.monotonic()
    with requests.Session() as session:
        for _ in range(300):
            assert session.post(ingress.webhook_url, data=b"{}", timeout=20).status_code == 401
    passed_s = time.monotonic() - began
    assert refused(ingress, "bad signature") == 300
    assert ingress.stop() == 0
    lines = [line for line in ingress.events() if line["event"] == "webhook.refused"]
    assert 1 <= len(lines) <= passed_s + 1
    assert all(line["reason"] == "bad signature" and line["remote"] == "127.0.0.1" for line in lines)
