import dataclasses
from typing import Any

import pytest
from structlog.testing import capture_logs

from shared.docspace.errors import (
    ForbiddenError,
    NotFoundError,
    PortalFaultError,
    RefusedError,
    UnreachableError,
)
from shared.docspace.model import ARCHIVE, FORM_ROOM, TRASH, FolderInfo
from shared.docspace.probe import PortalProbe
from shared.docspace.state import Fault, State
from tests.support.waiting import wait_until

WELL = State()
REFUSED = State(Fault.KEY_REFUSED, "the portal refuses our API key: check DOCSPACE_API_KEY")
AWAY = State(Fault.UNREACHABLE, "the portal cannot be reached")


class Portal:
    """Answers with the folders it has, or raises what stands in their place."""

    def __init__(self, now=WELL, path=(), **folders):
        self.now = now
        self.path = path
        self.folders = {int(name.removeprefix("f")): answer for name, answer in folders.items()}

    def state(self):
        return self.now

    def folder(self, folder_id):
        answer = self.folders.get(folder_id, NotFoundError("the portal answered 404"))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def folder_path(self, folder_id):
        return (*self.path, self.folder(folder_id))


GOOD = FolderInfo(id=1, title="Incoming", can_create=True, can_move_to=True)


def fault(portal, **more):
    probe = PortalProbe(portal, [(1, "INCOMING_FOLDER_ID")], **more)
    probe.ask()
    return probe.check()


def fault_of_destination(folder, path=()):
    probe = PortalProbe(Portal(path=path, f1=folder), [], destinations=[(1, "rule default")])
    probe.ask()
    return probe.check()


def test_a_portal_that_fits_has_no_fault():
    assert fault(Portal(f1=GOOD)) is None
    assert fault_of_destination(GOOD) is None


@pytest.mark.parametrize("kind", [kind for kind in Fault if kind is not Fault.UNREACHABLE])
def test_a_fault_of_portal_or_key_is_quoted_and_no_folder_is_asked_for(kind):
    assert fault(Portal(State(kind, "why"))) == "why"


def test_a_permission_that_the_key_lacks_is_named():
    told = fault(Portal(State(permissions=("files:read",)), f1=GOOD), needs=("files:read", "files:write"))
    assert told.startswith("the API key lacks the permission files:write:")
    assert fault(Portal(State(permissions=("files:write",)), f1=GOOD), needs=("files:read", "files:write")) is None
    assert fault(Portal(f1=GOOD), needs=("files:read",)) is None


def test_a_missing_folder_is_named_with_where_it_was_configured():
    assert fault(Portal()) == "folder 1 (INCOMING_FOLDER_ID) does not exist on the portal (404)"


def test_a_folder_without_the_right_to_see_it_is_named():
    assert fault(Portal(f1=ForbiddenError("no"))) == (
        "folder 1 (INCOMING_FOLDER_ID) is hidden from the service user (403): "
        "it is no member of that room, or the folder is in a trash"
    )


def test_every_fault_is_named_at_once():
    probe = PortalProbe(Portal(), [(1, "one"), (2, "two")])
    probe.ask()
    assert "folder 1 (one)" in str(probe.check())
    assert "folder 2 (two)" in str(probe.check())


@pytest.mark.parametrize("right", ["can_create", "can_move_to"])
def test_a_destination_needs_the_right_to_add_to_it(right):
    change: dict[str, Any] = {right: False}
    barred = dataclasses.replace(GOOD, **change)
    told = fault_of_destination(barred)
    assert told.startswith("folder 1 (rule default) takes no files of the service user: make it room manager")
    assert fault(Portal(f1=barred)) is None


@pytest.mark.parametrize(("section", "why"), [(ARCHIVE, "is in an archived room"), (TRASH, "is in the trash")])
def test_what_is_archived_or_in_the_trash_is_no_use_even_where_its_rights_say_yes(section, why):
    gone = dataclasses.replace(GOOD, root_folder_type=section)
    assert fault_of_destination(gone).startswith(f"folder 1 (rule default) {why}: ")
    assert fault(Portal(f1=gone)).startswith(f"folder 1 (INCOMING_FOLDER_ID) {why}: ")


def test_a_form_filling_room_is_no_destination_and_may_be_watched():
    forms = FolderInfo(id=7, title="Forms", room_type=FORM_ROOM)
    assert fault_of_destination(GOOD, path=(forms,)).startswith(
        "folder 1 (rule default) lies in a form-filling room"
    )
    assert fault(Portal(f1=GOOD, path=(forms,))) is None


def test_a_rate_limit_that_hides_how_the_portal_stands_is_no_fault():
    assert fault(Portal(State(told=False), f1=GOOD)) is None


def test_a_fault_that_comes_between_two_questions_is_one():
    assert fault(Portal(f1=PortalFaultError("the portal is suspended"))) == "the portal is suspended"


def test_an_answer_that_docspace_does_not_give_is_a_fault():
    assert "check DOCSPACE_API_HOST" in fault(Portal(f1=RefusedError("the portal answered 405", status=405)))


def test_an_unreachable_portal_is_no_fault_and_keeps_the_last_definite_one():
    portal = Portal()
    probe = PortalProbe(portal, [(1, "x")])
    assert not probe.ask()
    known = probe.check()
    portal.now = AWAY
    assert not probe.ask()
    assert probe.check() == known
    assert fault(Portal(AWAY)) is None
    assert fault(Portal(f1=UnreachableError("down"))) is None


def test_only_changes_are_logged():
    portal = Portal(f1=GOOD)
    probe = PortalProbe(portal, [(1, "x")])
    with capture_logs() as logs:
        probe.ask()
        probe.ask()
        portal.now = REFUSED
        probe.ask()
        probe.ask()
        portal.now = AWAY
        probe.ask()
        portal.now = WELL
        probe.ask()
    assert [line["event"] for line in logs] == [
        "portal.ready",
        "portal.fault",
        "portal.unreachable",
        "portal.ready",
    ]


def test_a_repaired_portal_becomes_ready_by_itself():
    portal = Portal()
    probe = PortalProbe(portal, [(1, "x")], every_s_failing=0.01)
    probe.start()
    try:
        wait_until(lambda: probe.check() is not None, 5, "a fault", every_s=0.005)
        portal.folders[1] = GOOD
        wait_until(lambda: probe.check() is None, 5, "no fault", every_s=0.005)
    finally:
        probe.stop()
