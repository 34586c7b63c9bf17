"""Every row of the table of answers, through both apps themselves: no socket, no broker."""

import pytest
from falcon import testing

from ingress.http import app, asgi
from ingress.http.reception import Ports
from ingress.http.refusals import Refusals
from shared.amqp.confirms import UnavailableError
from shared.runtime.metrics import Metrics
from shared.wire.message import Message
from tests.support.webhooks import EXAMPLE, SECRET, signed_headers

PATH = "/docspace/webhook"
BODY = EXAMPLE.encode()
DEEP = b'{"event":{"trigger":' + b"[" * 1000 + b"]" * 1000 + b"}}"


class Outlet:
    """Takes messages as the broker would, or refuses them."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.refusal: Exception | None = None

    def publish(self, message: Message) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.taken.append(message)

    async def publish_async(self, message: Message) -> None:
        self.publish(message)


@pytest.fixture(params=["waitress", "uvicorn"])
def server(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def outlet() -> Outlet:
    return Outlet()


def client_for(
    outlet: Outlet, server: str, secrets: tuple[bytes, ...] = (SECRET.encode(),), metrics: Metrics | None = None
) -> testing.TestClient:
    metrics = metrics or Metrics()
    ports = Ports(secrets, lambda: 1_700_000_000.0, metrics, Refusals(metrics))
    if server == "uvicorn":
        return testing.TestClient(asgi.create_app(ports, outlet.publish_async))
    return testing.TestClient(app.create_app(ports, outlet.publish))


@pytest.fixture
def client(outlet: Outlet, server: str) -> testing.TestClient:
    return client_for(outlet, server)


def figures(metrics: Metrics, of: str = "intake_webhooks_") -> dict[str, float]:
    """What /metrics tells of signatures, or of something else."""
    lines = metrics.render().decode().splitlines()
    told = (line.rsplit(" ", 1) for line in lines if line.startswith(of))
    return {name: float(value) for name, value in told if "_created" not in name}


def test_each_accepted_webhook_counts_for_the_place_of_the_secret_that_signed_it(
    outlet: Outlet, server: str
) -> None:
    metrics = Metrics()
    client = client_for(outlet, server, (b"Old-Secret-1", b"New-Secret-2"), metrics)

    def post(secret: str, body: bytes = BODY) -> None:
        client.simulate_post(PATH, body=body, headers=signed_headers(body, secret))

    signed, last = "intake_webhooks_signed_total", "intake_webhooks_signed_last_timestamp_seconds"
    assert figures(metrics) == {
        f'{signed}{{secret="1"}}': 0, f'{signed}{{secret="2"}}': 0,
        f'{last}{{secret="1"}}': 0, f'{last}{{secret="2"}}': 0,
        "intake_webhooks_refused_total": 0,
    }  # fmt: skip
    for secret in ("Old-Secret-1", "New-Secret-2", "New-Secret-2", "Unknown-Secret"):
        post(secret)
    for secret in ("Old-Secret-1", "Unknown-Secret"):  # the console's own
        post(secret, b'{"event":{"trigger":"intake.probe"}}')
    client.simulate_post(PATH, body=BODY)  # a stranger's, unsigned
    outlet.refusal = UnavailableError("no broker")
    post("Old-Secret-1")
    assert figures(metrics) == {
        f'{signed}{{secret="1"}}': 1, f'{signed}{{secret="2"}}': 2,
        f'{last}{{secret="1"}}': 1_700_000_000, f'{last}{{secret="2"}}': 1_700_000_000,
        "intake_webhooks_refused_total": 1,
    }  # fmt: skip
    assert "Secret-1" not in metrics.render().decode()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_get_and_head_answer_200_without_a_signature(
    client: testing.TestClient, outlet: Outlet, method: str
) -> None:
    answer = client.simulate_request(method, PATH)
    assert answer.status_code == 200
    assert method == "HEAD" or answer.json == {"status": "ok"}
    assert outlet.taken == []


@pytest.mark.parametrize("headers", [{}, {"x-docspace-signature-256": "sha256=00"}, signed_headers(BODY, "other")])
def test_a_bad_signature_is_401_and_nothing_is_published(
    client: testing.TestClient, outlet: Outlet, headers: dict[str, str]
) -> None:
    assert client.simulate_post(PATH, body=BODY, headers=headers).status_code == 401
    assert outlet.taken == []


def test_the_signature_is_of_the_raw_bytes_and_not_of_the_same_json(
    client: testing.TestClient, outlet: Outlet
) -> None:
    respelled = BODY.replace(b'":', b'": ')
    assert client.simulate_post(PATH, body=respelled, headers=signed_headers(BODY)).status_code == 401
    assert outlet.taken == []


def test_a_signed_object_is_200_after_it_was_published_as_it_came(
    client: testing.TestClient, outlet: Outlet
) -> None:
    answer = client.simulate_post(PATH, body=BODY, headers=signed_headers(BODY))
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert [(message.type, message.body) for message in outlet.taken] == [("webhook.file.uploaded", BODY)]


def test_a_signature_in_lower_case_is_taken_too(client: testing.TestClient, outlet: Outlet) -> None:
    headers = {name: value.lower() for name, value in signed_headers(BODY).items()}
    assert client.simulate_post(PATH, body=BODY, headers=headers).status_code == 200
    assert len(outlet.taken) == 1


@pytest.mark.parametrize("body", [b"", b"not json", b"[1]", b'{"event":{}}', b"\xff\x00", b"[" * 1000, DEEP])
def test_signed_but_unreadable_is_200_and_published_for_a_person(
    client: testing.TestClient, outlet: Outlet, body: bytes
) -> None:
    assert client.simulate_post(PATH, body=body, headers=signed_headers(body)).status_code == 200
    assert [(message.type, message.body) for message in outlet.taken] == [("webhook.unreadable", body)]


@pytest.mark.parametrize("refusal", [UnavailableError("no broker"), RuntimeError("a bug")])
def test_what_cannot_be_taken_is_503_with_retry_after(
    client: testing.TestClient, outlet: Outlet, refusal: Exception
) -> None:
    outlet.refusal = refusal
    answer = client.simulate_post(PATH, body=BODY, headers=signed_headers(BODY))
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_a_body_of_just_2_mib_is_taken_and_one_byte_more_is_413(client: testing.TestClient, outlet: Outlet) -> None:
    body = b" " * (2 * 1024 * 1024)
    assert client.simulate_post(PATH, body=body, headers=signed_headers(body)).status_code == 200
    longer = body + b" "
    assert client.simulate_post(PATH, body=longer, headers=signed_headers(longer)).status_code == 413
    assert len(outlet.taken) == 1


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_405(client: testing.TestClient, method: str) -> None:
    assert client.simulate_request(method, PATH).status_code == 405


@pytest.mark.parametrize("path", ["/", "/docspace", "/docspace/webhook/", "/docspace/webhook/x", "/favicon.ico"])
def test_another_path_is_404(client: testing.TestClient, path: str) -> None:
    assert client.simulate_get(path).status_code == 404
    assert client.simulate_post(path, body=BODY, headers=signed_headers(BODY)).status_code == 404


def test_without_a_secret_an_unsigned_webhook_is_taken(outlet: Outlet, server: str) -> None:
    assert client_for(outlet, server, secrets=()).simulate_post(PATH, body=BODY).status_code == 200
    assert len(outlet.taken) == 1


def test_each_refusal_is_counted_by_its_reason(outlet: Outlet, server: str) -> None:
    metrics = Metrics()
    client = client_for(outlet, server, metrics=metrics)
    for _ in range(3):
        client.simulate_post(PATH, body=BODY)
    client.simulate_get("/favicon.ico")
    client.simulate_put(PATH)
    client.simulate_post(PATH, body=BODY, headers=signed_headers(BODY))
    assert figures(metrics, "intake_requests_refused_total") == {
        'intake_requests_refused_total{reason="bad signature"}': 3,
        'intake_requests_refused_total{reason="404"}': 1,
        'intake_requests_refused_total{reason="405"}': 1,
    }
