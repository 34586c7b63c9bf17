"""What the doctor and the setup say of a simulated portal that a person has set up wrongly."""

from collections.abc import Iterator

import pytest
import requests

from console.doctor import rooms, webhook
from console.doctor.line import Level, Line
from console.setup.address_step import doubts
from shared.docspace.client import Client
from shared.rules.file import single_rule
from shared.rules.model import RuleSet
from simulator.portal import seed
from simulator.server import Simulator
from simulator.settings import Settings
from tests.support.waiting import wait_until

KEY = "sk-test"


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    running = Simulator(Settings(port=0, smtp_port=0, api_key=KEY, webhook_url=""))
    running.start()
    yield running
    running.stop()


def client(simulator: Simulator, key: str = KEY) -> Client:
    return Client(simulator.url, key, pool_size=1)


@pytest.fixture
def services_room(simulator: Simulator) -> int:
    """A room of the service user's, in which nobody else is."""
    route = f"{simulator.url}/api/2.0/files/rooms"
    headers = {"Authorization": f"Bearer {KEY}"}
    reply = requests.post(route, json={"title": "Acme", "roomType": 5}, headers=headers, timeout=5)
    made: int = reply.json()["response"]["id"]
    return made


def rule(room: int) -> RuleSet:
    return single_rule(str(room), str(seed.INCOMING), "manager@example.org")


def failed(lines: Iterator[Line]) -> list[Line]:
    return [line for line in lines if line.level is Level.FAILED]


def test_an_administrator_who_is_not_in_the_room_is_told_so(simulator: Simulator, services_room: int) -> None:
    (line,) = failed(rooms.check(client(simulator, seed.OWNER_KEY), rule(services_room)))
    assert "is an administrator who is not in the room: it may read there, not move" in line.text
    assert 'make the service user room manager in "Acme"' in line.mend


def test_a_member_without_the_right_is_told_of_the_right_alone(simulator: Simulator) -> None:
    (line, *_) = failed(rooms.check(client(simulator, seed.CLIENT_KEY), rule(seed.CLIENT_ROOM)))
    assert "may not move other people's files out of it" in line.text


def test_a_room_that_is_archived_is_told_so(simulator: Simulator, services_room: int) -> None:
    route = f"{simulator.url}/api/2.0/files/rooms/{services_room}/archive"
    headers = {"Authorization": f"Bearer {KEY}"}
    requests.put(route, json={"deleteAfter": False}, headers=headers, timeout=5).raise_for_status()
    there = client(simulator)
    wait_until(lambda: there.folder(services_room).archived, 5, "the room in the archive", every_s=0.02)
    (line,) = failed(rooms.check(there, rule(services_room)))
    assert "is in an archived room" in line.text


@pytest.mark.parametrize(
    ("host", "deleted"), [("127.0.0.1", True), ("localhost", True), ("[fd00::1]", True), ("8.8.8.8", False)]
)
def test_a_missing_webhook_with_a_private_address_was_probably_deleted(
    simulator: Simulator, host: str, *, deleted: bool
) -> None:
    ours = webhook.Ours(rule(seed.CLIENT_ROOM), f"https://{host}/docspace/webhook")
    lines = list(webhook.check(client(simulator), ours))
    assert any("none calls" in line.text or "no webhook of the portal calls" in line.text for line in lines)
    assert any("the portal probably deleted it" in line.text for line in lines) is deleted
    assert all("webhooks.blacklist" in line.mend for line in lines if "deleted" in line.text)


def test_of_an_address_that_nobody_knows_nothing_is_said(simulator: Simulator) -> None:
    lines = list(webhook.check(client(simulator), webhook.Ours(rule(seed.CLIENT_ROOM))))
    assert [line for line in lines if "deleted" in line.text] == []


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("10.0.0.1", "10.0.0.1 is a private address"),
        ("localhost", "localhost resolves to "),
        ("8.8.8.8", None),
    ],
)
def test_the_setup_says_that_a_private_address_is_none_for_a_webhook(host: str, said: str | None) -> None:
    found = doubts(f"https://{host}/docspace/webhook")
    assert [doubt.startswith(said or "") for doubt in found] == ([True] if said else [])
