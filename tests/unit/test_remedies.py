"""What a person is told to do fits where it is said."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from console.doctor import portal
from console.doctor.ingress import check
from console.doctor.portal import Giving
from console.setup.portal_step import GIVEN, TYPED
from console.webhook.rotation import refusals
from shared.docspace.client import Client
from shared.docspace.state import Fault, State

SECRET = b"Secret-12"


class Other(BaseHTTPRequestHandler):
    """A program that is no ingress."""

    server_version, sys_version = "Portainer/2.1", ""

    def do_HEAD(self) -> None:
        self.send_response(404)
        self.end_headers()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_HEAD()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def taken() -> Iterator[str]:
    """The address of the ingress, where another program listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Other)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/docspace/webhook"
    server.shutdown()
    server.server_close()


def test_a_port_that_another_program_has_is_told_with_its_name_and_the_way_out(taken: str) -> None:
    (line,) = check(taken, [SECRET], own=taken)
    assert "another program (Portainer/2.1) listens there" in line.text
    assert "INGRESS_PUBLISH" in line.mend


def test_a_public_address_that_answers_otherwise_is_a_matter_of_the_way(taken: str) -> None:
    (line,) = check(taken, [SECRET], own="http://127.0.0.1:1/docspace/webhook")
    assert "pass this very address on" in line.mend


def test_setup_says_that_another_program_answers_and_not_to_restart_the_ingress(taken: str) -> None:
    (refusal,) = refusals([taken], [SECRET, SECRET])
    assert "another program (Portainer/2.1) listens there" in refusal
    assert "restart" not in refusal


class Refusing(Client):
    """A portal that refuses the key. It has no network."""

    def __init__(self) -> None:
        self.host = "https://portal.example"

    def state(self) -> State:
        return State(Fault.KEY_REFUSED, "401")


@pytest.mark.parametrize(
    ("giving", "words"),
    [
        (Giving(), "set it as DOCSPACE_API_KEY, then restart the workers"),
        (TYPED, "give it below"),
        (GIVEN, "--api-key-file, and run setup again"),
    ],
    ids=["doctor", "setup on a terminal", "setup without one"],
)
def test_a_key_that_is_refused_has_the_remedy_of_the_place(giving: Giving, words: str) -> None:
    (line,) = portal.check(Refusing(), giving=giving)
    assert "refuses our API key" in line.text
    assert line.mend.endswith(words)
    assert "{" not in line.mend
    assert ("restart" in line.mend) is (giving not in {TYPED, GIVEN})
