"""One request to a real receiver: what it answers, how long it takes, and where the connection goes."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import trustme

from shared.hooks.delivery import Answered, Courier, Sent, Unreached
from shared.hooks.signature import made
from shared.rules.endpoint import Endpoint
from tests.support.receiver import Receiver, Reply

KEY = b"k" * 32
LIMIT_S = 0.6
BODY = b'{"type":"t"}'
NAME = "hooks.example"
CA = trustme.CA()


def endpoint(url: str, **fields: Any) -> Endpoint:
    allowed = {"allow_http": True, "allow_private": True} | fields
    return Endpoint(name="erp", url=url, events=("invoice.filed",), secret_file="s", **allowed)


def sent(to: Endpoint, **options: Any) -> Sent:
    trusted = ssl.create_default_context()
    CA.configure_trust(trusted)
    return Courier(trusted, **{"limit_s": LIMIT_S, **options}).send(to, [KEY], "m-1", BODY)


def leading_to(*addresses: str) -> Callable[..., list[Any]]:
    """A resolver: the name has the next of the addresses each time that it is asked."""
    left = list(addresses)

    def resolve(_host: str, port: int, **_: object) -> list[Any]:
        return socket.getaddrinfo(left.pop(0) if len(left) > 1 else left[0], port, type=socket.SOCK_STREAM)

    return resolve


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def secure() -> Iterator[Receiver]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CA.issue_cert(NAME).configure_cert(tls)
    with Receiver(tls=tls) as running:
        yield running


def test_what_it_answers_is_returned_with_the_beginning_of_its_body(receiver: Receiver) -> None:
    receiver.answer = lambda _: Reply(202, body=b"line one\nline\x1b[31m two " + b"x" * 9_000)
    answer = sent(endpoint(receiver.url)).answer
    assert isinstance(answer, Answered)
    assert answer.status == 202
    assert answer.body.startswith("line one line [31m two xxx")
    assert len(answer.body.encode()) <= 500
    [request] = receiver.requests
    assert request.body == BODY
    assert (request.headers["content-type"], request.headers["webhook-id"]) == ("application/json", "m-1")


def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver) -> None:
    with Receiver() as elsewhere:
        receiver.answer = lambda _: Reply(307, {"Location": elsewhere.url})
        answer = sent(endpoint(receiver.url)).answer
        assert isinstance(answer, Answered)
        assert (answer.status, elsewhere.requests) == (307, [])


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [
        ("120", 120, 120),
        ("999999", 3_600, 3_600),
        ("in five minutes", 200, 300),
        ("soon", None, None),
        ("-5", None, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(
    receiver: Receiver, told: str, least: float | None, most: float | None
) -> None:
    if told == "in five minutes":
        told = format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True)
    receiver.answer = lambda _: Reply(429, {"Retry-After": told})
    answer = sent(endpoint(receiver.url)).answer
    assert isinstance(answer, Answered)
    if least is None or most is None:
        assert answer.retry_after_s is None
    else:
        assert answer.retry_after_s is not None
        assert least <= answer.retry_after_s <= most


def drip(piece: bytes, over: threading.Event) -> Callable[[socket.socket], None]:
    def write(connection: socket.socket) -> None:
        while not over.wait(0.02):
            connection.sendall(piece)

    return write


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_an_answer_that_drips_ends_in_time(receiver: Receiver, first: bytes) -> None:
    piece = first if first.startswith(b"HTTP/1.1 100") else b"x"

    def raw(connection: socket.socket) -> None:
        connection.sendall(first)
        drip(piece, receiver.over)(connection)

    receiver.answer = lambda _: Reply(raw=raw)
    began = time.monotonic()
    assert sent(endpoint(receiver.url)).answer == Unreached(f"no answer within {LIMIT_S} s")
    assert time.monotonic() - began < LIMIT_S + 0.5


def test_a_body_that_drips_changes_nothing_about_its_status(receiver: Receiver) -> None:
    def raw(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        drip(b"x", receiver.over)(connection)

    receiver.answer = lambda _: Reply(raw=raw)
    found = sent(endpoint(receiver.url))
    assert isinstance(found.answer, Answered)
    assert (found.answer.status, found.took_s < LIMIT_S + 0.5) == (200, True)


def test_a_receiver_that_never_answers_is_given_up_in_time(receiver: Receiver) -> None:
    receiver.answer = receiver.hang
    assert sent(endpoint(receiver.url)).answer == Unreached(f"no answer within {LIMIT_S} s")


def test_a_handshake_that_hangs_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://{NAME}:{silent.getsockname()[1]}/"
        found = sent(endpoint(url), resolve=leading_to("127.0.0.1"))
        assert found.answer == Unreached(f"no answer within {LIMIT_S} s")


def test_a_receiver_that_hangs_up_or_is_not_there_is_told(receiver: Receiver) -> None:
    receiver.answer = lambda _: Reply(raw=lambda connection: connection.shutdown(socket.SHUT_RDWR))
    assert sent(endpoint(receiver.url)).answer == Unreached("it ended the connection without an answer")
    with socket.create_server(("127.0.0.1", 0)) as closing:
        port = closing.getsockname()[1]
    assert sent(endpoint(f"http://127.0.0.1:{port}/")).answer == Unreached("it refuses the connection")


def test_what_is_no_http_is_told(receiver: Receiver) -> None:
    def ftp(connection: socket.socket) -> None:
        connection.sendall(b"220 ready\r\n")
        connection.shutdown(socket.SHUT_RDWR)

    receiver.answer = lambda _: Reply(raw=ftp)
    assert sent(endpoint(receiver.url)).answer == Unreached("what it answered is no HTTP: BadStatusLine")


def test_the_certificate_is_verified_by_the_name_and_not_by_the_address(secure: Receiver) -> None:
    good = sent(endpoint(f"https://{NAME}:{secure.port}/x?y=1"), resolve=leading_to("127.0.0.1"))
    assert isinstance(good.answer, Answered)
    assert secure.requests[0].headers["host"] == f"{NAME}:{secure.port}"
    assert secure.requests[0].path == "/x?y=1"
    bad = sent(endpoint(f"https://other.example:{secure.port}/"), resolve=leading_to("127.0.0.1"))
    assert isinstance(bad.answer, Unreached)
    assert bad.answer.reason.startswith("its certificate is not trusted")
    assert len(secure.requests) == 1


def test_a_private_address_is_never_connected_to_unless_allowed(receiver: Receiver) -> None:
    answer = sent(endpoint(receiver.url, allow_private=False)).answer
    assert answer == Unreached("its address is not allowed: 127.0.0.1 is this machine itself", refused=True)
    assert receiver.connections == 0


def test_a_name_that_answers_otherwise_the_second_time_leads_nowhere_else(receiver: Receiver) -> None:
    """As an attacker's name does: an address of the internet when it is looked at, ours when it is connected to."""
    rebinding = leading_to("192.0.2.1", "127.0.0.1")
    asked: list[str] = []

    def resolve(host: str, port: int, **options: Any) -> list[Any]:
        asked.append(host)
        return rebinding(host, port, **options)

    url = f"http://rebinding.example:{receiver.port}/"
    answer = sent(endpoint(url, allow_private=True), resolve=resolve, limit_s=0.2).answer
    assert isinstance(answer, Unreached)
    assert (asked, receiver.connections) == (["rebinding.example"], 0)


def test_no_proxy_of_the_environment_is_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert isinstance(sent(endpoint(receiver.url)).answer, Answered)
        assert (len(receiver.requests), proxy.connections) == (1, 0)


def test_the_next_address_is_tried_where_one_refuses(receiver: Receiver) -> None:
    def resolve(_host: str, port: int, **_: object) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("127.0.0.2", "127.0.0.1")
        ]

    answer = sent(endpoint(f"http://two.example:{receiver.port}/"), resolve=resolve).answer
    assert isinstance(answer, Answered)


def test_the_request_is_verified_by_the_library_of_standard_webhooks(receiver: Receiver) -> None:
    import base64  # noqa: PLC0415 - the only one that needs it

    assert made().startswith("whsec_")
    sent(endpoint(receiver.url))
    assert receiver.requests[0].verified(f"whsec_{base64.b64encode(KEY).decode()}") == {"type": "t"}
