"""HTTPS in front of three ingresses, as docker-compose.yml starts it with PUBLIC_HOST: what passes, and what not.

The certificate is of Caddy's own authority (PUBLIC_TLS=internal); a public one needs a public name.
"""

import json
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from demo.ports import free_ports
from tests.support.compose import Compose, clean_copy
from tests.support.recorded import exchange
from tests.support.waiting import wait_until
from tests.support.webhooks import EXAMPLE, signed_headers

pytestmark = [pytest.mark.containers, pytest.mark.timeout(600)]

HOST = "hooks.example.com"
PATH = "/docspace/webhook"
DELIVERY = exchange("hook-delivery-file.uploaded")
MOST_BYTES = 2 * 1024 * 1024
LET_GO_WITHIN_S = 120
"""From the first test to the last; Caddy waits 10 s."""
TAKEN = ("webhook.accepted", "webhook.spooled")


class Front:
    """The stack, and the ways to it from outside."""

    def __init__(self, tree: Path) -> None:
        self.http_port, self.https_port = free_ports(2)
        settings = {
            "PUBLIC_HOST": HOST,
            "PUBLIC_TLS": "internal",
            "PUBLIC_HTTP_PUBLISH": f"127.0.0.1:{self.http_port}",
            "PUBLIC_HTTPS_PUBLISH": f"127.0.0.1:{self.https_port}",
        }
        self.compose = Compose(tree, settings)
        self.authority = tree / "authority.pem"

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))

    def call(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> urllib3.BaseHTTPResponse:
        with urllib3.HTTPSConnectionPool(
            "127.0.0.1", self.https_port, server_hostname=HOST, assert_hostname=HOST, ssl_context=self.context()
        ) as pool:
            wanted = {"Host": HOST, **(headers or {})}
            return pool.request(method, path, body=body, headers=wanted, redirect=False, retries=False, timeout=30)

    def unencrypted(self, method: str, host: str = HOST) -> urllib3.BaseHTTPResponse:
        url = f"http://127.0.0.1:{self.http_port}{PATH}"
        return urllib3.request(method, url, headers={"Host": host}, redirect=False, retries=False, timeout=30)

    def raw(self, sent: bytes) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.https_port), timeout=30)
        encrypted = self.context().wrap_socket(plain, server_hostname=HOST)
        encrypted.sendall(sent)
        return encrypted

    def healthy(self) -> bool:
        return self.compose.run("ps", "--format", "{{.Health}}", "caddy").strip() == "healthy"

    def correlations(self, service: str, *events: str) -> set[str]:
        """Those of these lines in its log."""
        lines = self.compose.run("logs", "--no-log-prefix", "--no-color", service).splitlines()
        told = [json.loads(line[line.index("{") :]) for line in lines if "{" in line]
        return {line["correlation_id"] for line in told if line["event"] in events}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clean_copy(tmp_path_factory.mktemp("clone"))


@pytest.fixture(scope="module")
def front(tree: Path) -> Iterator[Front]:
    front = Front(tree)
    services = ("caddy", "ingress", "classifier", "simulator")
    try:
        front.compose.run("up", "--build", "--detach", "--scale", "ingress=3", *services, timeout_s=580)
        wait_until(front.healthy, 240, "Caddy to reach an ingress", every_s=0.5)
        root = "/data/caddy/pki/authorities/local/root.crt"
        front.authority.write_text(front.compose.run("exec", "-T", "caddy", "cat", root))
        yield front
    finally:
        front.compose.run("down", "--volumes", "--timeout", "5", "--rmi", "local")


@pytest.fixture(scope="module")
def slow(front: Front) -> Iterator[tuple[float, ssl.SSLSocket]]:
    """Half a head, sent before all else, and when."""
    begun = time.monotonic()
    with front.raw(f"POST {PATH} HTTP/1.1\r\nHost: {HOST}\r\nContent-Le".encode()) as connection:
        yield begun, connection


def published(compose: Compose) -> list[tuple[str | None, str]]:
    service = json.loads(compose.run("config", "--format", "json"))["services"]["ingress"]
    return [(port.get("host_ip"), port["published"]) for port in service.get("ports", [])]


def test_without_a_public_name_the_ingress_is_on_this_machine_alone_unless_asked(tree: Path) -> None:
    assert published(Compose(tree, {"INGRESS_PUBLISH": ""})) == [("127.0.0.1", "3000")]
    assert published(Compose(tree, {"INGRESS_PUBLISH": "3000"})) == [(None, "3000")]


@pytest.mark.usefixtures("slow")
def test_a_recorded_delivery_is_taken_and_classified(front: Front) -> None:
    body = DELIVERY["body"].encode()
    answer = front.call("POST", PATH, body, signed(body))
    assert (answer.status, answer.json()) == (200, {"status": "ok"})
    wait_until(lambda: front.correlations("ingress", *TAKEN), 20, "an ingress to say that it took it")
    (taken,) = front.correlations("ingress", *TAKEN)
    wait_until(lambda: taken in front.correlations("classifier", "message.settled"), 150, "it to be classified")


def signed(body: bytes) -> dict[str, str]:
    return signed_headers(body, "Simulator-Secret-1")


def test_the_portals_look_at_the_address_is_answered(front: Front) -> None:
    assert front.call("HEAD", PATH).status == 200


def test_three_ingresses_share_one_volume_and_have_a_spool_each(front: Front) -> None:
    assert front.compose.run("ps", "--format", "{{.Service}}").split().count("ingress") == 3
    files = front.compose.run("exec", "-T", "ingress", "sh", "-c", "ls var/*.db").split()
    assert files == ["var/spool-2.db", "var/spool-3.db", "var/spool.db"]


def test_no_ingress_has_a_port_of_its_own_and_caddy_reaches_no_other_worker(front: Front) -> None:
    assert published(front.compose) == []
    services = json.loads(front.compose.run("config", "--format", "json"))["services"]
    shared = services["caddy"]["networks"].keys()
    assert {name for name, one in services.items() if shared & one.get("networks", {}).keys()} == {
        "caddy", "ingress", "simulator",
    }  # fmt: skip


def test_the_ingresses_answers_come_through_unchanged(front: Front) -> None:
    body = EXAMPLE.encode()
    unsigned = front.call("POST", PATH, body)
    assert (unsigned.status, unsigned.json()) == (401, {"title": "The signature is missing or wrong"})
    assert front.call("PUT", PATH, body, signed(body)).status == 405


@pytest.mark.parametrize("path", ["/", f"{PATH}/", f"{PATH}/more", "/healthz", "/metrics", f"/x/..{PATH}", "//"])
def test_any_other_path_is_404(front: Front, path: str) -> None:
    assert front.call("GET", path).status == 404


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 4 * MOST_BYTES])
def test_a_body_over_the_bound_is_413_also_where_no_length_is_told(front: Front, size: int) -> None:
    told = f"Content-Length: {size}\r\n\r\n".encode()
    chunked = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % size + b"x" * (MOST_BYTES + 1)
    for rest in (told, chunked):
        with front.raw(f"POST {PATH} HTTP/1.1\r\nHost: {HOST}\r\n".encode() + rest) as connection:
            assert status_of(connection) == 413


def test_a_flood_of_headers_is_431(front: Front) -> None:
    fields = "".join(f"X-{number}: {'y' * 1000}\r\n" for number in range(60))
    with front.raw(f"GET {PATH} HTTP/1.1\r\nHost: {HOST}\r\n{fields}\r\n".encode()) as connection:
        assert status_of(connection) == 431


def test_a_name_that_is_not_ours_is_never_answered_200(front: Front) -> None:
    assert front.call("POST", PATH, EXAMPLE.encode(), {"Host": "other.example"}).status == 404
    with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.1", front.https_port)) as plain:
        front.context().wrap_socket(plain, server_hostname="other.example")


@pytest.mark.parametrize("host", [HOST, "other.example", "127.0.0.1"])
def test_without_tls_nothing_is_taken_and_nothing_redirected(front: Front, host: str) -> None:
    for method in ("HEAD", "POST"):
        assert front.unencrypted(method, host).status == 404


def test_a_client_that_sends_half_a_head_is_let_go(slow: tuple[float, ssl.SSLSocket]) -> None:
    begun, connection = slow
    connection.settimeout(20)
    said = connection.recv(4096)
    assert not said or said.startswith(b"HTTP/1.1 400 ")
    assert not connection.recv(100)
    assert time.monotonic() - begun < LET_GO_WITHIN_S


def test_where_no_ingress_is_left_the_portal_is_told_to_come_again(front: Front) -> None:
    front.compose.run("stop", "--timeout", "1", "ingress")
    answer = front.call("POST", PATH, EXAMPLE.encode(), signed(EXAMPLE.encode()))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


def status_of(connection: ssl.SSLSocket) -> int:
    return int(connection.recv(4096).split(b" ")[1])
