"""Rules that take rooms by their names or tags, on the pages of the rules, the rooms and an upload."""

from pathlib import Path

import pytest

from shared.text.codes import Code
from tests.contract.web_pages.conftest import ENVIRON, NOW
from tests.contract.web_pages.test_pages import read
from tests.support.stories import Past
from tests.support.web import Browser, browser

RULES = """
[[rule]]
name = "clients"
room_names = ["Client *", "Kunde ?"]
destination = 8
recipients = ["books@example.com"]
"""
TAGGED = """
[[rule]]
name = "tagged"
rooms = [5]
room_tags = ["clients"]
destination = 9
recipients = ["tags@example.com"]
"""
OLD_S = 40 * 86_400


def ruled(file: Path, text: str) -> Browser:
    rules = file.with_name("rules.toml")
    rules.write_text(text)
    return browser(file, environ={**ENVIRON, "RULES_FILE": str(rules)}, clock=lambda: NOW)


@pytest.fixture
def clients(file: Path, past: Past) -> Browser:
    """Two rooms, one of which the rule takes by its name."""
    past.upload("Invoice 1.pdf", NOW - 60, room=11, room_title="Client Acme").skipped(NOW - 59, "no rule")
    past.upload("Invoice 2.pdf", NOW - 50, room=12, room_title="Staff").skipped(NOW - 49, "no rule")
    return ruled(file, RULES)


def test_a_rule_by_names_is_a_sentence_and_names_the_known_rooms_that_fit(clients: Browser) -> None:
    text = read(clients.get("/rules").text)
    assert "An upload to a room whose name fits Client * or a room whose name fits Kunde ?, the title of" in text
    assert "Rooms known here that fit by their name: Client Acme." in text
    assert "Staff" not in text


def test_a_rule_by_id_name_and_tag_is_one_sentence(file: Path, past: Past) -> None:
    text = read(ruled(file, TAGGED.replace("[5]", "[5]\nroom_names = ['K *']")).get("/rules").text)
    assert "An upload to room 5 or a room whose name fits K * or a room with the tag clients, the title" in text
    assert "No room that had an upload in the last 30 days fits by its name." in text
    assert "Which rooms have the tag, only the portal knows" in text


def test_how_people_are_told_stands_with_the_rule_and_the_recipients(file: Path, past: Past) -> None:
    recipient = '[[recipient]]\naddress = "anna@example.com"\nhours = "Mon 08:00-18:00"\n'
    how = 'digest = "every 15 minutes"\nrecipients = ["room-managers"]'
    text = read(
        ruled(file, TAGGED.replace('recipients = ["tags@example.com"]', how) + recipient).get("/rules").text
    )
    assert "Told by mail: the managers of the room." in text
    assert "How: the first at once, then at most every 15 minutes" in text
    assert "anna@example.com: within Mon 08:00-18:00 (no rule names this address" in text


def test_a_room_says_by_what_a_rule_takes_it(clients: Browser) -> None:
    assert "Rules clients (this room fits it by its name: Client *)" in read(clients.get("/rooms/11").text)
    assert "None takes this room: nothing in it is filed." in read(clients.get("/rooms/12").text)
    listed = read(clients.get("/rooms").text)
    assert "Client Acme clients (by its name) books@example.com" in listed
    assert "Staff none " in listed


def test_a_room_without_an_upload_for_a_month_still_fits_by_its_name(file: Path, past: Past) -> None:
    past.upload("Invoice 1.pdf", NOW - OLD_S, room=11, room_title="Client Acme").done(NOW - OLD_S)
    assert "clients (this room fits it by its name" in read(ruled(file, RULES).get("/rooms/11").text)


def test_of_a_room_that_a_tag_may_take_it_is_not_said_that_no_rule_does(file: Path, past: Past) -> None:
    told = past.upload("Invoice 1.pdf", NOW - 60, room=11, room_title="Client Acme").skipped(NOW - 59, "no rule")
    pages = ruled(file, TAGGED.replace("rooms = [5]", ""))
    room = read(pages.get("/rooms/11").text)
    assert "tagged: if the room has its tag clients, which only the portal knows" in room
    assert "None takes" not in room
    assert "Client Acme ? by a tag" in read(pages.get("/rooms").text)
    assert "? unknown room" in read(pages.get(f"/uploads/{told.id}").text)


def test_an_upload_says_that_its_room_fits_by_its_name(clients: Browser, past: Past) -> None:
    told = past.upload("Invoice 3.pdf", NOW - 40, room=11, room_title="Client Acme").skipped(NOW - 39, "no rule")
    text = read(clients.get(f"/uploads/{told.id}").text)
    assert "✓ ok room" in text
    assert "✓ ok title" in text


def test_an_upload_whose_rooms_name_is_not_known_is_not_called_outside(file: Path, past: Past) -> None:
    told = past.upload("Invoice 1.pdf", NOW - 60, room=11, room_title="")
    told.skipped(NOW - 59, "no rule", Code.NO_RULE)
    assert "✗ not met room" not in read(ruled(file, RULES).get(f"/uploads/{told.id}").text)
