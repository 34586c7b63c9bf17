"""What `explain` says of a filed file: the mover's own record of it, and the rules where it was uploaded."""

import json
from dataclasses import replace

import msgspec
import pytest
import requests
from typer.testing import CliRunner

from console.__main__ import app
from console.explain import view
from console.explain.explanation import explain, uploaded
from console.explain.filed import Filed, as_uploaded, filed
from mover import plan
from shared.docspace.client import Client
from shared.docspace.model import entry_time
from shared.rules.decide import Match
from shared.rules.file import single_rule
from shared.store import released
from shared.store.keys import arrival_key, move_key, title_key
from shared.store.ledger import Ledger, Won
from shared.wire.events import DEFAULT_PORTAL, InvoiceFiled
from shared.wire.outcome import Forward
from simulator.server import Simulator
from simulator.settings import Settings
from tests.contract.test_explain import ONE_RULE
from tests.unit.mover_handler.world import CREATED_AT, EVENT, FILE, INCOMING, ROOM, World
from tests.unit.test_classifier_handler import PortalFake, folders

HOST = "portal.example"
RULES = single_rule(str(ROOM), str(INCOMING), "manager@example.org")
UPLOAD = msgspec.structs.replace(EVENT, room_id=ROOM)


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    yield world
    world.ledger.close()


def now(world, **changes):
    return replace(world.portal.files[FILE], **changes)


def found_filed(world, **changes) -> Filed:
    found = filed(now(world, **changes), world.ledger, HOST)
    assert found is not None
    return found


def test_a_filed_file_is_said_to_be_filed_and_judged_where_it_was_uploaded(world) -> None:
    assert isinstance(world.handle(event=UPLOAD), Forward)
    found = found_filed(world)
    assert (found.invoice.rule, found.invoice.destination, found.lies_in) == ("default", INCOMING, INCOMING)
    portal = PortalFake(file_info=now(world), paths={ROOM: folders((1, "Rooms"), (ROOM, "Acme"))})
    told = replace(explain(as_uploaded(uploaded(now(world)), found), RULES, portal), filed=found)
    assert isinstance(told.fate, Match)
    text = "".join(map(str, view.pieces(told)))
    assert 'rule "default" took it from room Acme to folder 9. ' in text
    assert view.as_json(told)["filed"] | {"at": None} == {
        "at": None, "rule": "default", "destination": INCOMING, "room_id": ROOM, "version": 1, "lies_in": INCOMING,
        "namesakes": [],
    }  # fmt: skip


def test_a_file_of_the_same_name_that_lay_there_is_told_of(world) -> None:
    world.ledger.replace(title_key(DEFAULT_PORTAL, INCOMING, UPLOAD.title), "8")
    world.portal.files[8] = now(world, id=8, folder_id=INCOMING)
    world.handle(event=UPLOAD)
    told = explain(uploaded(now(world)), RULES, PortalFake())
    told = replace(told, filed=filed(now(world), world.ledger, HOST))
    assert "to folder 9; file 8 of the same name lay there then." in "".join(map(str, view.pieces(told)))
    assert view.as_json(told)["filed"]["namesakes"] == [8]


def test_a_file_that_was_taken_away_since_is_said_to_lie_elsewhere(world) -> None:
    world.handle(event=UPLOAD)
    found = filed(now(world, folder_id=77), world.ledger, HOST)
    told = replace(explain(uploaded(now(world)), RULES, PortalFake()), filed=found)
    assert "to folder 9; it lies in folder 77 now" in "".join(map(str, view.pieces(told)))


def test_a_newer_version_of_a_filed_file_is_of_the_filed_one(world) -> None:
    world.handle(event=UPLOAD)
    assert found_filed(world, version=3).invoice.version == 1


def test_a_file_with_the_id_of_a_filed_one_was_not_filed(world) -> None:
    world.handle(event=UPLOAD)
    other = now(world, created_at=now(world).created_at.replace(year=2027))
    assert filed(other, world.ledger, HOST) is None


def record(ledger, key, result):
    claim = ledger.claim(key, 30.0)
    assert isinstance(claim, Won)
    ledger.complete(key, result)


def invoice(file_id, source_id=None, created_at=CREATED_AT):
    return InvoiceFiled(
        file_id=file_id, source_file_id=source_id or file_id, created_at=created_at, version=1,
        title="Invoice 7.pdf", rule="default", destination=INCOMING, recipients=(), room_id=ROOM,
    )  # fmt: skip


def kept(filed_invoice):
    return msgspec.json.encode(plan.Result("m-1", filed_invoice)).decode()


def test_what_the_first_released_version_filed_is_known(world) -> None:
    record(world.ledger, released.move_key(HOST, FILE, 1, None), kept(invoice(FILE)))
    assert found_filed(world).invoice.file_id == FILE


def test_what_came_from_third_party_storage_is_found_by_the_id_that_it_has_now(world) -> None:
    key = move_key(DEFAULT_PORTAL, "sbox-12-|Invoice.pdf", None, None, "2026-11-29T20:35:12Z")
    record(world.ledger, key, kept(invoice(FILE, "sbox-12-|Invoice.pdf")))
    record(world.ledger, arrival_key(DEFAULT_PORTAL, FILE, CREATED_AT), key)
    assert found_filed(world).invoice.source_file_id == "sbox-12-|Invoice.pdf"


def test_the_command_tells_it_where_it_knows_the_ledger(tmp_path) -> None:
    simulator = Simulator(Settings(port=0, smtp_port=0, webhook_url=""))
    simulator.start()
    try:
        where = ONE_RULE | {"DOCSPACE_API_HOST": simulator.url, "DOCSPACE_API_KEY": "sk-simulator"}
        params = {"folder": "86190", "name": "Invoice 7.pdf", "kind": "chunked"}
        file_id = requests.post(
            f"{simulator.url}/simulator/upload", params=params, data=b"%PDF", timeout=30
        ).json()["id"]
        client = Client(simulator.url, "sk-simulator", pool_size=1)
        created_at = client.file(file_id).created_at
        assert created_at is not None
        created = entry_time(created_at)
        url = f"sqlite:///{tmp_path}/ledger.db"
        ledger = Ledger(url, owner="test")
        record(
            ledger, move_key(DEFAULT_PORTAL, file_id, 1, created, None), kept(invoice(file_id, created_at=created))
        )
        ledger.close()
        asked = ["explain", "--file-id", str(file_id), "--json"]
        assert json.loads(CliRunner().invoke(app, asked, env=where | {"DATABASE_URL": url}).stdout)["filed"]
        assert json.loads(CliRunner().invoke(app, asked, env=where).stdout)["filed"] is None
    finally:
        simulator.stop()
