"""Rooms that a rule takes by what they are called or tagged."""

from dataclasses import replace

import pytest

from shared.deciding.fitting import rooms_of, with_fitting
from shared.docspace.model import ARCHIVE, ROOMS, FolderInfo
from shared.rules.decide import Answer, Ask, Known, Match, NoMatch, Question, decide
from shared.rules.model import Rule, RuleSet
from shared.rules.place import Folder
from shared.rules.rooms import RoomName, RoomTag, RoomTest
from tests.unit.test_decide import webhook

ROOM, SUB, BOOKS, INCOMING = 7, 8, 20, 748239
TABLE = {"name": "clients", "room_names": ["Client *"], "destination": INCOMING, "recipients": ["a@example.com"]}
SECTION = Folder(1, "Rooms")


def rule(**changes: object) -> Rule:
    return Rule.model_validate(TABLE | changes)


def room(title: str, *tags: str) -> Folder:
    return Folder(ROOM, title, is_room=True, tags=tags)


def known(*path: Folder) -> Known:
    return Known(service_user=Answer("service"), path=Answer((SECTION, *path)), title=Answer("Invoice 1.pdf"))


def info(room_id: int, title: str, *tags: str, **more: object) -> FolderInfo:
    found = FolderInfo(id=room_id, title=title, room_type=5, root_folder_type=ROOMS, tags=tags)
    return replace(found, **more)


@pytest.mark.parametrize(
    ("pattern", "title", "fits"),
    [
        ("Client *", "client acme", True),
        ("Client *", " CLIENT  Acme", True),
        ("client acme", "Client Acme", True),
        ("Client *", "Our Client Acme", False),
        ("*client*", "Our Client Acme", True),
        ("Client ?", "Client 7", True),
        ("Client ?", "Client 17", False),
        ("Client [a]", "Client [A]", True),
        ("Client [a]", "Client a", False),
        ("Kunde Ä*", "kunde a\u0308rzte", True),
        ("Client *", "Client\u200b Acme", True),
        ("*", "", True),
    ],
)
def test_a_name_is_compared_as_a_whole_and_in_any_case(pattern: str, title: str, *, fits: bool) -> None:
    name = RoomName.read(pattern)
    assert isinstance(name, RoomTest)
    assert name.fits(room(title)) is fits


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    name = RoomName.read("*a" * 60 + "b")
    assert not name.fits(room("a" * 170))


def test_a_tag_is_one_of_the_rooms_in_any_case_and_no_pattern() -> None:
    tag = RoomTag.read(" Client ")
    assert tag.fits(room("x", "vip", "CLIENT"))
    assert not tag.fits(room("client", "clients"))
    assert not RoomTag.read("cl*").fits(room("x", "client"))


def test_an_upload_counts_anywhere_in_a_room_that_fits() -> None:
    decision = decide(
        RuleSet(rules=(rule(),)), webhook(parent_id=SUB), known(room("Client Acme"), Folder(SUB, "2026"))
    )
    assert isinstance(decision, Match)


def test_a_folder_that_is_called_so_is_no_room() -> None:
    path = known(room("Books"), Folder(SUB, "Client Acme"))
    decision = decide(RuleSet(rules=(rule(),)), webhook(parent_id=SUB), path)
    assert isinstance(decision, NoMatch)
    assert decision.reason == (
        'rule "clients": folder 8 (Rooms / Books / Client Acme) is not in a room named "Client *"'
    )


def test_where_it_lies_is_asked_before_a_room_is_tried_by_its_name() -> None:
    decision = decide(RuleSet(rules=(rule(),)), webhook(parent_id=SUB), Known(service_user=Answer(None)))
    assert decision == Ask(Question.PATH)


def test_ids_names_and_tags_add_up() -> None:
    both = RuleSet(rules=(rule(rooms=[9], room_tags=["vip"]),))
    for path in (room("Client Acme"), room("x", "VIP"), Folder(9, "x", is_room=True)):
        assert isinstance(decide(both, webhook(parent_id=SUB), known(path, Folder(SUB, ""))), Match)
    assert both.rules[0].wanted_rooms == 'room 9 or a room named "Client *" or a room tagged "vip"'


def test_what_lies_in_any_rules_destination_is_left_alone_by_a_rule_without_ids() -> None:
    other = Rule.model_validate(TABLE | {"name": "other", "room_names": ["none"], "destination": SUB})
    path = known(room("Client books"), Folder(SUB, "Incoming"))
    decision = decide(RuleSet(rules=(rule(), other)), webhook(parent_id=SUB), path)
    assert isinstance(decision, NoMatch)
    assert decision.failures[0].sentence == 'rule "clients": folder 8 is the destination already'


def test_the_rooms_that_fit_join_those_that_a_rule_names() -> None:
    rooms = [
        info(5, "Client A"),
        info(6, "Books"),
        info(7, "Client B", root_folder_type=30),
        info(8, "Client C", root_folder_type=ARCHIVE),
        info(9, "Client D"),
    ]
    found = with_fitting(RuleSet(rules=(rule(rooms=[9]),)), rooms)
    assert found.rules[0].rooms == ("9", "5", "8")
    assert [each.id for each in rooms_of(rule(rooms=[9]), rooms)] == [5, 8]
