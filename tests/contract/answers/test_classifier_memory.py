"""What the classifier remembers of folders and rooms that are hidden, and never takes for a no."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec
import pytest

from classifier.handler import Ports, handle
from shared.deciding.memory import OUTSIDE_TTL_S, PATH_TTL_S, Memory
from shared.docspace.errors import PortalFaultError
from shared.docspace.model import FileInfo, FolderInfo
from shared.rules.model import Rule, RuleSet
from shared.text.codes import Code
from shared.wire.outcome import Forward, Outcome, Retry, Skip
from tests.unit.test_classifier_handler import (
    AWAY,
    FILE,
    FORBIDDEN,
    ROOM,
    RULES,
    SECTION,
    SUB,
    Paths,
    PortalFake,
    changed,
    detected,
    folders,
    message,
    run,
    without,
)

MANY, THREADS = 30, 16
ROOMS = [ROOM, *range(1001, 1000 + MANY)]
FOREIGN = 5000
PATH = folders((SECTION, "Rooms"), (ROOM, "Acme"), (SUB, "2026"))
FAULT = PortalFaultError("the portal is suspended (status 1): its owner can renew it", status=404)


def rule(number: int, room: int) -> Rule:
    return Rule.model_validate(
        {"name": f"rule {number}", "rooms": [room], "destination": 9, "recipients": ["m@example.com"]}
    )


THIRTY = RuleSet(rules=tuple(rule(number, room) for number, room in enumerate(ROOMS)))


class Rooms(PortalFake):
    """Some rooms are hidden, with every folder whose path leads through them."""

    def __init__(self, *hidden: int, paths: Paths) -> None:
        super().__init__(paths=paths)
        self.hidden = set(hidden)

    def folder(self, folder_id):
        hidden = folder_id in self.hidden
        return self._answer(("folder", folder_id), FORBIDDEN if hidden else FolderInfo(id=folder_id, title="room"))

    def folder_path(self, folder_id):
        path = self.paths[folder_id]
        assert isinstance(path, tuple)
        hidden = {folder.id for folder in path} & self.hidden
        return self._answer(("path", folder_id), FORBIDDEN if hidden else path)


class World:
    """A portal, what is remembered of it, and a clock."""

    def __init__(self, portal: PortalFake, rules: RuleSet = RULES) -> None:
        self.now = 0.0
        self.portal = portal
        self.ports = Ports(rules, portal, Memory(lambda: self.now))

    def upload(self, folder: int = SUB, swept: str = "") -> Outcome:
        return handle(msgspec.structs.replace(changed(payload_parentId=folder), swept=swept), self.ports)

    def asked(self, kind: str) -> int:
        return sum(call[0] == kind for call in self.portal.calls)


HIDDEN_ROOM = 77
ELSEWHERE = folders((SECTION, "Rooms"), (HIDDEN_ROOM, "Not ours"), (FOREIGN, "x"))


def elsewhere(count: int = 1) -> Paths:
    return {FOREIGN + number: ELSEWHERE for number in range(count)}


def test_of_a_hidden_folder_no_upload_but_the_first_costs_a_call_for_an_hour() -> None:
    world = World(Rooms(HIDDEN_ROOM, paths=elsewhere()), THIRTY)
    for minute in range(60):
        world.now = minute * 60.0
        assert isinstance(world.upload(FOREIGN), Skip)
    assert (world.asked("path"), world.asked("folder")) == (2, MANY)
    world.now = OUTSIDE_TTL_S + 1
    assert isinstance(world.upload(FOREIGN), Skip)
    assert (world.asked("path"), world.asked("folder")) == (4, 2 * MANY)


@pytest.mark.parametrize("hidden", [True, False], ids=["a hidden one", "another room"])
def test_what_a_sweep_sends_in_is_judged_where_its_folder_lies_now(*, hidden: bool) -> None:
    """The folder was moved into our room after a look at it: what is remembered is why its webhook was skipped."""
    rooms = Rooms(*([HIDDEN_ROOM] if hidden else []), paths=elsewhere())
    world = World(rooms)
    for minute in range(4):
        world.now = minute * 60.0
        assert isinstance(world.upload(FOREIGN), Skip)
    rooms.paths[FOREIGN] = PATH
    assert isinstance(world.upload(FOREIGN), Skip)
    before = world.asked("path")
    assert isinstance(world.upload(FOREIGN, swept="1"), Forward)
    assert isinstance(world.upload(FOREIGN), Forward)
    assert world.asked("path") == before + 1


def test_of_many_hidden_folders_each_costs_a_few_calls_an_hour() -> None:
    world = World(Rooms(HIDDEN_ROOM, paths=elsewhere(20)), THIRTY)
    for minute in range(60):
        for number in range(20):
            world.now = minute * 60.0 + number
            assert isinstance(world.upload(FOREIGN + number), Skip)
    assert world.asked("path") <= 3 * 20 + 1
    assert world.asked("folder") <= 3 * MANY


def test_a_folder_hidden_with_our_room_is_not_outside_when_the_room_is_seen() -> None:
    beside = SUB + 1
    in_our_room = folders((SECTION, "Rooms"), (ROOM, "Acme"), (beside, "2027"))
    portal = Rooms(ROOM, HIDDEN_ROOM, paths={SUB: PATH, beside: in_our_room, **elsewhere()})
    world = World(portal)
    for folder in (SUB, beside):
        assert isinstance(world.upload(folder), Retry)
    portal.hidden.remove(ROOM)
    world.now = PATH_TTL_S + 1
    assert isinstance(world.upload(FOREIGN), Skip)  # looks at the rooms, and sees all
    for folder in (SUB, beside):
        detected(world.upload(folder))


def test_the_rooms_are_asked_for_once_for_all_hidden_folders() -> None:
    world = World(Rooms(HIDDEN_ROOM, paths=elsewhere(10)), THIRTY)
    for number in range(10):
        assert isinstance(world.upload(FOREIGN + number), Skip)
    assert (world.asked("path"), world.asked("folder")) == (11, MANY)


def test_the_rooms_are_asked_for_once_for_all_that_come_at_once() -> None:
    class Together(Rooms):
        """All of them learn at one moment that their folder is hidden."""

        def folder_path(self, folder_id):
            if folder_id not in met:
                met.add(folder_id)
                learn.wait(30)
            return super().folder_path(folder_id)

        def folder(self, folder_id):
            time.sleep(0.002)  # for the others to ask as well, if they would
            return super().folder(folder_id)

    met, learn = set[int](), threading.Barrier(THREADS)
    world = World(Together(HIDDEN_ROOM, paths=elsewhere(THREADS)), THIRTY)
    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(pool.map(lambda number: world.upload(FOREIGN + number), range(THREADS)))
    assert all(isinstance(outcome, Skip) for outcome in outcomes)
    assert world.asked("folder") == MANY


def test_a_new_members_room_is_read_though_its_folder_is_remembered_as_hidden() -> None:
    """The rooms are seen again sooner than the folder is forgotten."""
    portal = Rooms(ROOM, HIDDEN_ROOM, paths={SUB: PATH, **elsewhere()})
    world = World(portal)
    assert isinstance(world.upload(FOREIGN), Retry)
    world.now = PATH_TTL_S - 5
    assert isinstance(world.upload(SUB), Retry)
    portal.hidden.remove(ROOM)
    world.now = PATH_TTL_S + 1  # of the rooms' minute, not of the folder's
    detected(world.upload(SUB))


def test_whoever_is_let_in_while_the_rooms_are_asked_for_has_the_invoice() -> None:
    class LetIn(Rooms):
        def folder(self, folder_id):
            self.hidden.discard(ROOM)
            return super().folder(folder_id)

    detected(World(LetIn(ROOM, paths={SUB: PATH})).upload())


def test_a_room_that_was_seen_a_moment_ago_and_is_hidden_now_is_waited_for() -> None:
    """The rooms were looked at before the service user was removed from this one."""
    portal = Rooms(HIDDEN_ROOM, paths={SUB: PATH, **elsewhere()})
    world = World(portal)
    detected(world.upload(SUB))
    world.now = PATH_TTL_S - 1
    assert isinstance(world.upload(FOREIGN), Skip)  # looks at the rooms
    portal.hidden.add(ROOM)
    world.now = PATH_TTL_S + 1
    outcome = world.upload(SUB)
    assert isinstance(outcome, Retry)
    assert outcome.reason == (
        f"the service user cannot see room {ROOM} any more, in which folder {SUB} lies: make it a member there"
    )


def test_a_folder_that_left_our_room_for_a_hidden_one_is_outside() -> None:
    portal = Rooms(HIDDEN_ROOM, paths={SUB: PATH})
    world = World(portal)
    detected(world.upload())
    portal.paths[SUB] = ELSEWHERE
    world.now = PATH_TTL_S + 1
    assert isinstance(world.upload(), Skip)


def test_a_reason_names_the_files_own_room_and_no_other() -> None:
    portal = Rooms(ROOMS[3], HIDDEN_ROOM, paths={SUB: PATH, **elsewhere()})
    world = World(portal, THIRTY)
    detected(world.upload())
    portal.hidden.add(ROOM)
    world.now = PATH_TTL_S + 1
    own, unknown = world.upload(SUB), world.upload(FOREIGN)
    assert isinstance(own, Retry)
    assert isinstance(unknown, Retry)
    assert f"room {ROOM} any more, in which folder {SUB}" in own.reason
    assert str(ROOMS[3]) not in own.reason
    assert f"folder {FOREIGN}, which may lie in room {ROOMS[3]} or {ROOM} of the rules" in unknown.reason


def test_a_folder_seen_outside_our_rooms_does_not_belong_to_a_hidden_one() -> None:
    portal = Rooms(paths=elsewhere())
    world = World(portal)
    assert isinstance(world.upload(FOREIGN), Skip)
    portal.hidden |= {HIDDEN_ROOM, ROOM}
    world.now = PATH_TTL_S + 1
    assert isinstance(world.upload(FOREIGN), Skip)


def test_a_room_that_cannot_be_asked_for_is_remembered_as_nothing() -> None:
    portal = PortalFake(paths={SUB: FORBIDDEN}, room=AWAY)
    world = World(portal)
    assert isinstance(world.upload(), Retry)
    portal.room = FolderInfo(id=ROOM, title="Acme")
    assert isinstance(world.upload(), Skip)
    assert world.asked("folder") == 2


# ---- ids that are used again ----


@pytest.mark.parametrize(
    ("off_s", "gone"),
    [(-2, True), (-1, False), (-0.4, False), (0.4, False), (1, False), (2, True), (86_400, True)],
)
def test_an_event_of_another_creation_is_about_a_file_that_is_gone(off_s: float, gone: bool) -> None:  # noqa: FBT001
    portal = PortalFake()
    assert isinstance(portal.file_info, FileInfo)
    assert portal.file_info.created_at is not None
    portal.change(created_at=portal.file_info.created_at.replace(microsecond=0) + timedelta(seconds=off_s))
    outcome = run(portal)
    if gone:
        assert outcome == Skip("the file no longer exists: the portal gave its id to another one", Code.GONE)
    else:
        detected(outcome)


@pytest.mark.parametrize(
    "told", [None, "", "yesterday", "2026-07-02T11:14:30+02:00", "2026-07-02T09:14:30.1630541Z"]
)
def test_a_time_that_is_not_told_or_told_in_another_way_is_no_other_file(told) -> None:
    detected(run(PortalFake(), changed(payload_createOn=told)))


def test_a_portal_that_does_not_say_when_it_was_made_is_believed() -> None:
    portal = PortalFake()
    portal.change(created_at=None)
    assert detected(run(portal)).created_at is None


# ---- a portal that cannot say ----


def test_while_no_call_works_the_service_user_is_neither_guessed_nor_remembered() -> None:
    world = World(PortalFake(user=FAULT))
    assert world.upload() == Retry(str(FAULT), FAULT.code)
    world.portal.user = "service"
    detected(world.upload())
    assert world.asked("self") == 2


def test_the_payloads_title_serves_while_no_call_would_do() -> None:
    assert detected(run(PortalFake(file_info=FAULT))).title == "Invoice 2026-0714.pdf"


@pytest.mark.parametrize("trouble", [AWAY, FAULT])
def test_without_a_title_of_the_payloads_the_portals_is_waited_for(trouble) -> None:
    world = World(PortalFake(file_info=trouble))
    assert handle(without("title"), world.ports) == Retry(str(trouble), trouble.code)
    world.portal.file_info = PortalFake().file_info
    assert detected(handle(without("title"), world.ports)).file_id == FILE


def test_a_fault_of_the_portal_in_any_question_is_never_a_no() -> None:
    for trouble in (
        {"paths": {SUB: FAULT}},
        {"paths": {SUB: FORBIDDEN}, "room": FAULT},
        {"paths": {}, "file_info": FAULT},
        {"user": FAULT},
    ):
        assert run(PortalFake(**trouble), message()) == Retry(str(FAULT), FAULT.code)
