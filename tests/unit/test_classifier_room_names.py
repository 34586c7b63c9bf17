"""The classifier and rooms that are ruled by their name or tag: what is asked, and how long it is remembered."""

from classifier.handler import Ports, handle
from shared.deciding.memory import PATH_TTL_S, Memory
from shared.docspace.errors import ForbiddenError
from shared.docspace.model import ROOMS, FolderInfo
from shared.rules.model import Rule, RuleSet
from shared.wire.outcome import Forward, Outcome, Skip
from tests.unit.test_classifier_handler import INCOMING, ROOM, SECTION, SUB, PortalFake, changed

OTHER = 86194
HIDDEN = ForbiddenError("Access denied")
RULES = RuleSet(
    rules=(
        Rule.model_validate(
            {
                "name": "clients", "room_names": ["Client *"], "room_tags": ["client"], "destination": INCOMING,
                "recipients": ["m@example.com"],
            }
        ),
    )
)  # fmt: skip


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def path(title: str, *tags: str) -> tuple[FolderInfo, ...]:
    room = FolderInfo(id=ROOM, title=title, room_type=5, root_folder_type=ROOMS, tags=tags)
    return FolderInfo(id=SECTION, title="Rooms"), room, FolderInfo(id=SUB, title="2026")


class Desk:
    def __init__(self, answer: tuple[FolderInfo, ...] | Exception) -> None:
        self.clock, self.portal = Clock(), PortalFake()
        self._ports = Ports(RULES, self.portal, Memory(self.clock))
        self.portal.paths[SUB] = answer

    def decide(self, folder: int = SUB) -> Outcome:
        return handle(changed(payload_parentId=folder), self._ports)

    def asked(self) -> int:
        return self.portal.calls.count(("path", SUB))


def test_one_question_tells_name_and_tags() -> None:
    for answer in (path("Client Acme"), path("Acme", "CLIENT")):
        desk = Desk(answer)
        assert isinstance(desk.decide(), Forward)
        assert [call for call in desk.portal.calls if call[0] in {"path", "folder"}] == [("path", SUB)]


def test_a_room_that_is_renamed_counts_by_its_old_name_for_a_minute() -> None:
    desk = Desk(path("Client Acme"))
    assert isinstance(desk.decide(), Forward)
    desk.portal.paths[SUB] = path("Acme")
    desk.clock.now = PATH_TTL_S - 1
    assert isinstance(desk.decide(), Forward)
    desk.clock.now = PATH_TTL_S + 1
    assert isinstance(desk.decide(), Skip)
    assert desk.asked() == 2


def test_a_tag_that_is_put_on_counts_after_a_minute() -> None:
    desk = Desk(path("Acme"))
    assert isinstance(desk.decide(), Skip)
    desk.portal.paths[SUB] = path("Acme", "client")
    desk.clock.now = PATH_TTL_S + 1
    assert isinstance(desk.decide(), Forward)


def test_a_room_that_was_hidden_counts_a_minute_after_it_is_seen() -> None:
    """With ids alone it would be outside for an hour, for all rooms of the rules are seen then."""
    desk = Desk(HIDDEN)
    for at in (0, 40, 2 * PATH_TTL_S, 4 * PATH_TTL_S):
        desk.clock.now = at
        assert isinstance(desk.decide(), Skip)
    desk.portal.paths[SUB] = path("Client Acme")
    desk.clock.now = 5 * PATH_TTL_S + 1
    assert isinstance(desk.decide(), Forward)


def test_what_was_hidden_between_two_looks_at_the_rooms_is_asked_again_too() -> None:
    desk = Desk(HIDDEN)
    desk.portal.paths[OTHER] = HIDDEN
    for at, folder in ((0, OTHER), (1, SUB), (PATH_TTL_S + 2, OTHER)):
        desk.clock.now = at
        assert isinstance(desk.decide(folder), Skip)
    desk.portal.paths[SUB] = path("Client Acme")
    desk.clock.now = 3 * PATH_TTL_S
    assert isinstance(desk.decide(), Forward)
