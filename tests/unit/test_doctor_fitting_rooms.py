"""What the doctor says of rooms that a rule takes by their name or tag, and of a destination in one of them."""

from collections.abc import Iterable
from dataclasses import replace

from console.doctor.line import Level, Line
from console.doctor.rooms import check
from shared.docspace.errors import ForbiddenError, ScopeMissingError
from shared.docspace.model import ROOMS, FolderInfo
from shared.rules.model import Rule, RuleSet

BOOKS, INCOMING = 20, 30
GOOD = FolderInfo(
    id=1, title="Client A", room_type=5, root_folder_type=ROOMS, can_manage=True, in_room=True, can_create=True
)
SECTION = FolderInfo(id=9, title="Rooms", parent_id=0)


class Portal:
    """One destination, in a room of that name."""

    def __init__(self, title: str = "Books") -> None:
        room = replace(GOOD, id=BOOKS, title=title)
        folder = FolderInfo(id=INCOMING, title="Incoming", can_create=True, can_move_to=True)
        self._path = (SECTION, room, folder)

    def folder(self, folder_id: object) -> FolderInfo:
        return next(step for step in self._path if step.id == folder_id)

    def folder_path(self, _folder_id: object) -> tuple[FolderInfo, ...]:
        return self._path


def rules(**changes: object) -> RuleSet:
    table = {"name": "clients", "room_names": ["Client *"], "destination": INCOMING, "recipients": ["a@b.de"]}
    return RuleSet(rules=(Rule.model_validate(table | changes),))


def said(portal: Portal, rooms: Iterable[FolderInfo], wanted: RuleSet | None = None) -> list[Line]:
    return list(check(portal, wanted or rules(), lambda: rooms))


def test_rooms_that_fit_are_named_and_one_without_a_right_has_its_own_line() -> None:
    rooms = [
        GOOD,
        replace(GOOD, id=2, title="Client B", can_manage=False),
        replace(GOOD, id=3, title="Vendor"),
        replace(GOOD, id=4, title="VIP", tags=("client",)),
    ]
    _, bad, good = said(Portal(), rooms, rules(room_tags=["Client"]))
    assert (bad.level, good.level) == (Level.FAILED, Level.OK)
    assert bad.text == (
        'room 2 "Client B", which fits rule clients by its name: '
        "the service user may not move other people's files out of it"
    )
    assert good.text == (
        '2 rooms fit rule clients by name or tag, and files may be moved out: "Client A" (1), "VIP" (4)'
    )


def test_many_rooms_that_fit_take_one_line() -> None:
    lines = said(Portal(), [replace(GOOD, id=number) for number in range(100, 400)])
    assert len(lines) == 2
    assert lines[1].text.startswith("300 rooms fit rule clients")
    assert lines[1].text.endswith("and 295 more")


def test_a_rule_that_no_room_fits_is_a_warning() -> None:
    line = said(Portal(), [replace(GOOD, title="Vendor")])[1]
    assert line.level is Level.WARNING
    assert line.text == 'no room that the service user sees fits rule clients (named "Client *")'


def test_a_key_that_may_not_list_rooms_is_told_to_a_person() -> None:
    for error in (ScopeMissingError("no", "rooms:read"), ForbiddenError("no")):

        def refused(error: Exception = error) -> Iterable[FolderInfo]:
            raise error

        line = list(check(Portal(), rules(), refused))[-1]
        assert (line.level, "give it rooms:read" in (line.mend or "")) == (Level.FAILED, True)


def test_a_destination_in_a_room_that_fits_is_a_warning() -> None:
    line = said(Portal("Client books"), [GOOD])[0]
    assert line.level is Level.WARNING
    assert 'lies in room 20 "Client books", which fits rule clients' in line.text
    assert said(Portal(), [GOOD])[0].level is Level.OK


def test_rules_with_ids_alone_list_no_rooms() -> None:
    def never() -> Iterable[FolderInfo]:
        raise AssertionError("asked")

    assert len(list(check(Portal(), rules(room_names=[], rooms=[BOOKS]), never))) == 2
