"""Where the portal refuses a webhook: its own sentence, wherever it stands, and what a person can do."""

import http.server
import ssl
import threading
from collections.abc import Iterator

import pytest
import trustme

from simulator.api import webhook_requests
from simulator.portal import seed
from tests.contract.webhook_command.conftest import Desk


@pytest.fixture
def untrusted() -> Iterator[str]:
    """The address of a receiver whose certificate the portal does not trust."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    server = http.server.ThreadingHTTPServer(("localhost", 0), http.server.BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"https://localhost:{server.server_port}/docspace/webhook"
    server.shutdown()
    server.server_close()


def refusal(desk: Desk, *arguments: str, **environ: str) -> str:
    done = desk.run("register", *arguments, **environ)
    assert done.exit_code == 1
    assert desk.webhooks() == []
    return done.stderr


def test_a_receiver_that_cannot_be_reached_is_a_500_with_its_reason_and_the_remedy(desk: Desk) -> None:
    url = "http://127.0.0.1:1/docspace/webhook"
    told = refusal(desk, url)
    assert "Connection refused (127.0.0.1:1)" in told
    assert f"the portal cannot reach {url}: start the ingress" in told


def test_a_certificate_that_the_portal_does_not_trust_is_told_with_the_remedy(desk: Desk, untrusted: str) -> None:
    told = refusal(desk, untrusted)
    assert "The SSL connection could not be established" in told
    assert f"the portal does not trust the certificate of {untrusted}" in told


def test_an_address_that_answers_head_otherwise_is_told_what_it_must_do(desk: Desk) -> None:
    desk.receiver.head = 302
    told = refusal(desk)
    assert "HEAD request is not response 200" in told
    assert f"{desk.url} itself must answer a HEAD with 200" in told


def test_a_fault_of_the_requests_shape_is_quoted_from_where_it_stands(desk: Desk) -> None:
    assert "The field Name must be a string with a maximum length of 50." in refusal(desk, "--name", "n" * 51)


def test_a_stricter_policy_of_the_portal_is_quoted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_requests, "SECRET_LENGTH", range(25, 31))
    told = refusal(desk)
    assert webhook_requests.POLICY in told
    assert "password policy" in told


def test_a_secret_that_no_portal_takes_is_refused_before_the_portal_is_asked(desk: Desk) -> None:
    done = desk.run("register", DOCSPACE_WEBHOOK_SECRET="Short-1")
    assert done.exit_code == 2
    assert "DOCSPACE_WEBHOOK_SECRET: the secret has 7 characters" in done.stderr
    assert "Short-1" not in done.stderr
    assert desk.run("rotate", DOCSPACE_WEBHOOK_SECRET="Good-Secret,has space-1").exit_code == 2


def test_a_webhook_of_another_user_that_is_not_seen_is_no_reason_for_a_second_one(desk: Desk) -> None:
    desk.simulator.webhooks.add(seed.OWNER.id, "invoice-intake", desk.url, "Other-Secret-1", 384)
    told = refusal(desk)
    assert "Webhook with the same name and payload URL already exists" in told
    assert "another user's calls us; ask a DocSpace administrator" in told
    assert "theirs may call it unseen: first ask a DocSpace administrator" in desk.doubts()[0]


def test_an_administrator_sees_whose_webhook_calls_us_too(desk: Desk) -> None:
    assert desk.run("register").exit_code == 0
    desk.simulator.webhooks.add(seed.NO_RIGHTS.id, "of before", desk.url, "Other-Secret-1", 384)
    assert len([line for line in desk.doubts() if "call us" in line]) == 0
    desk.key = seed.OWNER_KEY
    told = desk.doubts()
    assert any("2 call us" in line for line in told)
    assert any('"of before", which calls us, is another user\'s: Nora Norights' in line for line in told)
