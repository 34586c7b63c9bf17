"""What the two events of one upload cost the portal, and what the mover is told of the file that was seen."""

import threading
from dataclasses import dataclass, replace

import pytest

from classifier.handler import Ports, handle
from shared.deciding.memory import FILE_TTL_S, Memory
from shared.docspace.errors import UnreachableError
from shared.wire.outcome import Forward
from tests.support.waiting import wait_until
from tests.unit.test_classifier_handler import FILE, RULES, SUB, PortalFake, changed, detected, without

MODIFIED = "2026-07-02T09:14:30.1Z"
ASKED = ("file", FILE)


def event(trigger, modified=MODIFIED):
    return changed(event_trigger=trigger, payload_modifiedOn=modified)


def movable(portal):
    portal.file_info = replace(portal.file_info, can_move=True)
    return portal


def test_the_two_events_of_an_upload_ask_for_its_file_once() -> None:
    portal = PortalFake()
    ports = Ports(RULES, portal, Memory())
    first, second = (detected(handle(event(trigger), ports)) for trigger in ("file.created", "file.uploaded"))
    assert (first.version, first.created_at) == (second.version, second.created_at) == (2, first.created_at)
    assert portal.calls.count(ASKED) == 1


@pytest.mark.parametrize(
    ("trigger", "modified"),
    [("file.uploaded", MODIFIED), ("file.created", "2026-07-02T09:14:31Z")],
    ids=["the same trigger again", "another time of change"],
)
def test_another_version_is_asked_for_anew(trigger, modified) -> None:
    portal = PortalFake()
    ports = Ports(RULES, portal, Memory())
    handle(event("file.uploaded"), ports)
    portal.change(version=3)
    assert detected(handle(event(trigger, modified), ports)).version == 3


def test_an_answer_serves_for_a_moment_only() -> None:
    now = [0.0]
    portal = PortalFake()
    ports = Ports(RULES, portal, Memory(lambda: now[0]))
    handle(event("file.created"), ports)
    now[0] = FILE_TTL_S + 0.1
    handle(event("file.uploaded"), ports)
    assert portal.calls.count(ASKED) == 2


def test_without_a_time_of_change_each_event_asks() -> None:
    portal = PortalFake()
    ports = Ports(RULES, portal, Memory())
    for _ in range(2):
        handle(without("modifiedOn"), ports)
    assert portal.calls.count(ASKED) == 2


def test_an_error_is_not_kept_for_the_other_event() -> None:
    portal = PortalFake()
    ports = Ports(RULES, portal, Memory())
    fine, portal.file_info = portal.file_info, UnreachableError("away")
    first = detected(handle(event("file.uploaded"), ports))
    portal.file_info = fine
    second = detected(handle(event("file.created"), ports))
    assert (first.version, second.version) == (None, 2)


@dataclass
class SlowPortal(PortalFake):
    def __post_init__(self):
        self.asked, self.answers = threading.Event(), threading.Event()

    def file(self, file_id):
        self.asked.set()
        assert self.answers.wait(30)
        return super().file(file_id)


def test_events_that_come_at_once_wait_for_one_answer() -> None:
    portal = SlowPortal()
    ports = Ports(RULES, portal, Memory())
    handle(changed(event_trigger="file.updated"), ports)
    outcomes = []
    threads = [
        threading.Thread(target=lambda trigger=trigger: outcomes.append(handle(event(trigger), ports)))
        for trigger in ("file.created", "file.uploaded")
    ]
    threads[0].start()
    assert portal.asked.wait(30)
    threads[1].start()
    wait_until(lambda: any(asked.triggers > {"file.created"} for asked in ports.memory._files.values()), 30, "both")
    portal.answers.set()
    for thread in threads:
        thread.join(30)
    assert [type(outcome) for outcome in outcomes] == [Forward, Forward]
    assert portal.calls.count(ASKED) == 1


def test_a_file_that_may_be_moved_is_told_with_the_time_at_which_it_was_seen() -> None:
    outcome = handle(event("file.uploaded"), Ports(RULES, movable(PortalFake()), Memory(), lambda: 1_900_000_000.5))
    assert detected(outcome).movable_at == 1_900_000_000.5


@pytest.mark.parametrize(
    "changes",
    [
        {"can_move": False}, {"can_move": None}, {"editing": True}, {"locked": True, "locked_by": "Ann"},
        {"root_folder_type": 3}, {"root_folder_type": 20}, {"folder_id": SUB + 1},
    ],
    ids=str,
)  # fmt: skip
def test_what_may_not_be_moved_or_lies_elsewhere_by_now_is_looked_at_by_the_mover(changes) -> None:
    portal = movable(PortalFake())
    portal.file_info = replace(portal.file_info, **changes)
    assert detected(handle(event("file.uploaded"), Ports(RULES, portal, Memory()))).movable_at is None
