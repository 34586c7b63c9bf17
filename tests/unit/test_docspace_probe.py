from structlog.testing import capture_logs

from shared.docspace.errors import ForbiddenError, KeyRefusedError, NotFoundError, RefusedError, UnreachableError
from shared.docspace.model import FolderInfo
from shared.docspace.probe import PortalProbe
from tests.support.waiting import wait_until


class Portal:
    """Answers with the folders it has, or raises what stands in their place."""

    def __init__(self, me="u-1", **folders):
        self.me = me
        self.folders = {int(name.removeprefix("f")): answer for name, answer in folders.items()}

    def self_id(self):
        if isinstance(self.me, Exception):
            raise self.me
        return self.me

    def folder(self, folder_id):
        answer = self.folders.get(folder_id, NotFoundError("the portal answered 404"))
        if isinstance(answer, Exception):
            raise answer
        return answer


GOOD = FolderInfo(id=1, title="Incoming", can_create=True, can_move_to=True)


def fault(portal, **more):
    probe = PortalProbe(portal, [(1, "INCOMING_FOLDER_ID")], **more)
    probe.ask()
    return probe.check()


def test_a_portal_that_fits_has_no_fault():
    assert fault(Portal(f1=GOOD)) is None


def test_a_refused_key_is_named_with_its_variable():
    assert fault(Portal(KeyRefusedError("no"))) == "the portal refuses our API key (401): check DOCSPACE_API_KEY"


def test_a_missing_folder_is_named_with_where_it_was_configured():
    assert fault(Portal()) == "folder 1 (INCOMING_FOLDER_ID) does not exist on the portal (404)"


def test_a_folder_without_the_right_to_see_it_is_named():
    assert (
        fault(Portal(f1=ForbiddenError("no"))) == "the service user may not see folder 1 (INCOMING_FOLDER_ID) (403)"
    )


def test_every_fault_is_named_at_once():
    probe = PortalProbe(Portal(), [(1, "one"), (2, "two")])
    probe.ask()
    assert "folder 1 (one)" in probe.check()
    assert "folder 2 (two)" in probe.check()


def test_a_destination_needs_the_right_to_add_to_it():
    barred = FolderInfo(id=1, title="Incoming", can_create=False)
    probe = PortalProbe(Portal(f1=barred), [], destinations=[(1, "rule default")])
    probe.ask()
    assert "may not move files to folder 1 (rule default)" in probe.check()
    assert fault(Portal(f1=barred)) is None


def test_a_key_that_may_not_see_its_own_profile_is_a_good_key():
    assert fault(Portal(ForbiddenError("scope"), f1=GOOD)) is None


def test_another_server_than_docspace_is_a_fault():
    assert "check DOCSPACE_API_HOST" in fault(Portal(NotFoundError("the portal answered 404 to GET people/@self")))
    assert "check DOCSPACE_API_HOST" in fault(Portal(f1=RefusedError("the portal answered 405", status=405)))


def test_an_unreachable_portal_is_no_fault_and_keeps_the_last_definite_one():
    portal = Portal()
    probe = PortalProbe(portal, [(1, "x")])
    assert not probe.ask()
    known = probe.check()
    portal.me = UnreachableError("the portal cannot be reached")
    assert not probe.ask()
    assert probe.check() == known
    assert fault(Portal(UnreachableError("down"))) is None


def test_only_changes_are_logged():
    portal = Portal(f1=GOOD)
    probe = PortalProbe(portal, [(1, "x")])
    with capture_logs() as logs:
        probe.ask()
        probe.ask()
        portal.me = KeyRefusedError("no")
        probe.ask()
        probe.ask()
        portal.me = UnreachableError("down")
        probe.ask()
        portal.me = "u-1"
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
