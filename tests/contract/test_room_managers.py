"""A rule that tells the managers of a room, against the simulator, whose answers are held to recorded ones."""

import json
from collections.abc import Iterator

import pytest
import requests

from classifier.handler import Ports, handle
from console.doctor import managers as doctor
from console.doctor.line import Level
from shared.deciding.managers import TTL_S, Managers
from shared.docspace.client import Client
from shared.docspace.members import Manager, Members
from shared.rules.file import parse_rules
from shared.rules.model import RuleSet
from shared.runtime.handling import outcome_of
from shared.text.codes import Code
from shared.wire.events import InvoiceDetected
from shared.wire.message import Message
from shared.wire.outcome import Dead, Forward, Outcome, Retry
from simulator.portal import seed
from simulator.portal.model import Role, User
from simulator.server import Simulator
from simulator.settings import Settings

KEY = "sk-test"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    running = Simulator(Settings(port=0, smtp_port=0, api_key=KEY, webhook_url=""))
    running.start()
    yield running
    running.stop()


def rules(recipients: str, room: object = seed.CLIENT_ROOM) -> RuleSet:
    text = f"""
    [[rule]]
    name = "acme"
    rooms = [{room}]
    destination = {seed.INCOMING}
    recipients = {recipients}
    """
    return parse_rules(text.encode(), "rules.toml")


def uploaded(simulator: Simulator, folder: int = seed.CLIENT_ROOM) -> Message:
    query = {"name": "Invoice.pdf", "folder": folder}
    file = requests.post(f"{simulator.url}/simulator/upload", params=query, data=b"x", timeout=5).json()
    payload = {"id": file["id"], "parentId": folder, "rootId": seed.ROOMS, "title": "Invoice.pdf"}
    payload |= {"fileEntryType": 2, "createBy": seed.CLIENT.id}
    event = {"id": 1, "trigger": "file.uploaded", "createBy": seed.CLIENT.id}
    body = json.dumps({"event": event, "payload": payload, "webhook": {}}).encode()
    return Message(body=body, type="webhook.file.uploaded", message_id="m", correlation_id="c", timestamp=0)


def decided(simulator: Simulator, told: RuleSet, key: str = KEY, folder: int = seed.CLIENT_ROOM) -> Outcome:
    client = Client(simulator.url, key, pool_size=1)
    ports = Ports(told, client, managers=Managers(Members(client).managers))
    return outcome_of(lambda message: handle(message, ports), uploaded(simulator, folder))


def recipients(outcome: Outcome) -> tuple[str, ...]:
    assert isinstance(outcome, Forward), outcome
    assert isinstance(outcome.event, InvoiceDetected)
    return outcome.event.recipients


def test_the_owner_and_the_managers_are_told_but_not_the_service_user(simulator: Simulator) -> None:
    found = Members(Client(simulator.url, KEY, pool_size=1)).managers(seed.CLIENT_ROOM)
    assert [manager.email for manager in found] == [seed.OWNER.email, seed.SERVICE.email]
    assert recipients(decided(simulator, rules('["room-managers"]'))) == (seed.OWNER.email,)


def test_of_an_upload_to_a_folder_in_the_room_the_rooms_managers_are_told(simulator: Simulator) -> None:
    told = rules('["a@b.example", "room-managers", "Olive@Portal.example"]', seed.CLIENT_SUBFOLDER)
    found = recipients(decided(simulator, told, folder=seed.CLIENT_SUBFOLDER))
    assert found == ("a@b.example", "Olive@Portal.example")


def test_a_key_without_rooms_read_keeps_no_other_recipient_from_being_told(simulator: Simulator) -> None:
    assert recipients(decided(simulator, rules('["room-managers", "a@b.example"]'), seed.LIMITED_KEY)) == (
        "a@b.example",
    )


def test_a_key_without_rooms_read_is_said_where_there_is_no_other_recipient(simulator: Simulator) -> None:
    outcome = decided(simulator, rules('["room-managers"]'), seed.LIMITED_KEY)
    assert isinstance(outcome, Retry)
    assert (outcome.code, "rooms:read" in outcome.reason) == (Code.KEY_LACKS_PERMISSION, True)


def test_where_the_portal_names_nobody_and_nobody_else_is_told_a_person_is_needed(simulator: Simulator) -> None:
    for folder in simulator.portal.tree.folders.values():
        folder.created_by = seed.SERVICE.id
    outcome = decided(simulator, rules('["room-managers"]'))
    assert isinstance(outcome, Dead)
    assert outcome.code is Code.NO_MANAGERS
    assert recipients(decided(simulator, rules('["room-managers", "a@b.example"]'))) == ("a@b.example",)


def test_who_may_not_see_the_room_is_told_of_no_members(simulator: Simulator) -> None:
    url = f"{simulator.url}/simulator/rooms/{seed.CLIENT_ROOM}"
    requests.put(url, json={"service": None}, timeout=5).raise_for_status()
    assert Members(Client(simulator.url, KEY, pool_size=1)).managers(seed.CLIENT_ROOM) == ()


def test_a_manager_after_a_hundred_members_is_found(simulator: Simulator, monkeypatch) -> None:
    room = simulator.portal.tree.folder(seed.CLIENT_ROOM)
    for number in range(150):
        user = User(f"user-{number}", f"User {number}", f"user{number}@acme.example")
        monkeypatch.setitem(seed.USERS, user.id, user)
        room.roles[user.id] = Role.MANAGER
    found = Members(Client(simulator.url, KEY, pool_size=1)).managers(seed.CLIENT_ROOM)
    assert {manager.email for manager in found} >= {f"user{number}@acme.example" for number in range(150)}


def test_a_room_is_asked_once_in_five_minutes_and_again_while_nobody_is_named() -> None:
    now, asked = [0.0], []
    answers: list[tuple[Manager, ...]] = [(), (Manager("1", "a@b.example"),), (Manager("2", "c@d.example"),)]

    def ask(room: object) -> tuple[Manager, ...]:
        asked.append(room)
        return answers[len(asked) - 1]

    managers = Managers(ask, lambda: now[0])
    told = []
    for at in (0.0, 1.0, TTL_S, TTL_S + 1.1):
        now[0] = at
        told.append(managers.addresses(5, None))
    assert told == [(), ("a@b.example",), ("a@b.example",), ("c@d.example",)]


@pytest.mark.parametrize(
    ("key", "room", "told", "said"),
    [
        (KEY, seed.CLIENT_ROOM, '["room-managers"]', (Level.OK, seed.OWNER.email)),
        (seed.LIMITED_KEY, seed.CLIENT_ROOM, '["room-managers"]', (Level.FAILED, "this key may not read")),
        (seed.OWNER_KEY, seed.ACCOUNTING_ROOM, '["room-managers"]', (Level.OK, seed.SERVICE.email)),
        (KEY, seed.CLIENT_ROOM, '["a@b.example"]', None),
    ],
)
def test_the_doctor_says_whether_the_managers_can_be_told(simulator: Simulator, key, room, told, said) -> None:
    client = Client(simulator.url, key, pool_size=1)
    lines = list(doctor.check(client, Members(client).managers, rules(told, room)))
    assert [line.level for line in lines] == ([said[0]] if said else [])
    assert all(said[1] in line.text for line in lines)


def test_the_doctor_fails_where_nobody_would_hear_of_an_invoice(simulator: Simulator) -> None:
    for folder in simulator.portal.tree.folders.values():
        folder.created_by = seed.SERVICE.id
    client = Client(simulator.url, KEY, pool_size=1)
    for told, level in (('["room-managers"]', Level.FAILED), ('["room-managers", "a@b.example"]', Level.WARNING)):
        (line,) = doctor.check(client, Members(client).managers, rules(told))
        assert (line.level, "no manager with an e-mail address" in line.text) == (level, True)
