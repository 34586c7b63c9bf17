"""What one message needs of the portal ends in one time, however slowly each of its many answers drips."""

import json
import threading
import time

import pytest

from classifier.handler import Ports as ClassifierPorts
from classifier.handler import handle as classify
from mover import arrivals, pace
from mover.grouped import GroupedPortal
from mover.handler import handle as move
from mover.ports import Ports as MoverPorts
from shared.docspace import deadline
from shared.docspace.client import Client
from shared.docspace.errors import NotFoundError, UnreachableError
from shared.rules.file import single_rule
from shared.store.ledger import Ledger
from shared.text.codes import Code
from shared.wire.events import encode
from shared.wire.message import Message
from shared.wire.outcome import Retry
from tests.support.dripping import OK, Server, endless
from tests.unit.mover_handler.world import EVENT
from tests.unit.test_webhook_payload import TODAY

WITHIN_S, EVERY_S = 1.0, 0.05
SOON_S = 15.0
"""Far less than the minute that each answer may take, and enough for a machine that is busy."""
ENDLESS = endless(OK + b"Content-Length: 1000000\r\n\r\n", b" ")


def answers(server, drops=0, **by_route):
    """Whole answers to the routes that end in these names, each followed by so many drops; all else has no end."""

    def pieces():
        route = server.asked[-1].split(" ")[1].rpartition("/")[2]
        if route not in by_route:
            yield from ENDLESS()
        status, told = by_route[route]
        body = json.dumps(told).encode()
        yield f"HTTP/1.1 {status} It\r\nContent-Length: {len(body) + drops}\r\n\r\n".encode() + body
        yield from [b" "] * drops

    return pieces


def client(server):
    return Client(server.url, "sk-test", pool_size=4, timeout_s=(3.0, 15.0))


def message(body):
    return Message(body=body, type="webhook.file.uploaded", message_id="m", correlation_id="c", timestamp=0)


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(f"sqlite:///{tmp_path}/ledger.db", owner="mover@test")
    yield ledger
    ledger.close()


def mover_of(server, ledger):
    wait = threading.Event().wait
    return MoverPorts("portal", GroupedPortal(client(server), time.time, wait), ledger, time.time, wait)


def test_calls_that_drip_end_together_and_the_next_is_not_made():
    server, began = Server(ENDLESS, every_s=EVERY_S), time.monotonic()
    with deadline.within(WITHIN_S):
        with pytest.raises(UnreachableError) as cut:
            client(server).move([5], 9)
        with pytest.raises(UnreachableError, match="no time was left for GET files/file/7") as unasked:
            client(server).file(7)
    assert time.monotonic() - began < SOON_S
    assert (cut.value.maybe_done, unasked.value.maybe_done) == (True, False)
    assert len(server.asked) == 1


def test_a_block_inside_another_ends_no_later_than_that():
    with deadline.within(5.0), deadline.within(60.0):
        assert 0 < deadline.left_s() <= 5.0
    assert deadline.left_s() == float("inf")


def test_how_the_portal_stands_is_asked_in_a_time_of_its_own():
    """Else a portal would be called away by whoever has no time left for it."""
    server = Server(ENDLESS, every_s=EVERY_S)
    gone = {"7": (404, {"error": {"message": "The required file was not found"}})}
    stands = {
        "settings": (200, {"response": {"docSpace": True, "tenantStatus": 0}}),
        "@self": (200, {"response": {"permissions": []}}),
    }
    at_once, slowly = answers(server, **gone), answers(server, drops=2 * round(WITHIN_S / EVERY_S), **stands)
    server._pieces = lambda: at_once() if len(server.asked) == 1 else slowly()
    with deadline.within(2 * WITHIN_S), pytest.raises(NotFoundError):
        client(server).file(7)
    assert len(server.asked) == 3


def test_a_classifier_whose_portal_drips_is_done_with_a_message_in_its_time(monkeypatch):
    monkeypatch.setattr(deadline, "HANDLING_S", WITHIN_S)
    server, began = Server(ENDLESS, every_s=EVERY_S), time.monotonic()
    rules = single_rule("86190", "748239", "manager@example.com")
    outcome = classify(message(TODAY), ClassifierPorts(rules, client(server)))
    assert isinstance(outcome, Retry)
    assert outcome.code == Code.PORTAL_UNREACHABLE
    assert time.monotonic() - began < SOON_S


def test_a_mover_whose_portal_drips_is_done_with_a_message_in_its_time(monkeypatch, ledger):
    monkeypatch.setattr(deadline, "HANDLING_S", WITHIN_S)
    server, began = Server(ENDLESS, every_s=EVERY_S), time.monotonic()
    with pytest.raises(UnreachableError):
        move(message(encode(EVENT)), mover_of(server, ledger))
    assert time.monotonic() - began < SOON_S


def test_a_sent_move_is_watched_no_longer_than_its_patience_if_the_portal_drips(monkeypatch, ledger):
    monkeypatch.setattr(deadline, "HANDLING_S", 5 * WITHIN_S)
    monkeypatch.setattr(pace, "PATIENCE_S", WITHIN_S / 2)
    monkeypatch.setattr(arrivals, "LAST_LOOK_S", WITHIN_S / 2)
    server = Server(ENDLESS, every_s=EVERY_S)
    at = {"created": "2026-11-29T20:35:12.1630540Z", "security": {"Move": True}}
    file = {"response": {"id": 5, "folderId": 2, "title": "Invoice 7.pdf", "version": 1, **at}}
    moved = {"response": [{"id": "op-1", "finished": False, "progress": 0}]}
    whole = answers(server, **{"5": (200, file), "move": (200, moved)})
    server._pieces = lambda: ENDLESS() if len(server.asked) > 2 else whole()
    began = time.monotonic()
    with pytest.raises(UnreachableError):
        move(message(encode(EVENT)), mover_of(server, ledger))
    assert time.monotonic() - began < SOON_S
    assert [line.split(" ")[0] for line in server.asked[:3]] == ["GET", "PUT", "GET"]
