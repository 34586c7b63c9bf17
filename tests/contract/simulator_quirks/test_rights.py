"""Who may do what, how a refusal reads, and what ids and listings look like."""

import pytest

from simulator import seed
from tests.contract.simulator_quirks.portal import until


def test_a_missing_source_is_403_and_a_missing_destination_404(portal):
    assert portal.move(1).status_code == 403
    assert portal.move(portal.upload(), dest=1).status_code == 404


@pytest.mark.parametrize("state", [{"locked_by": "client"}, {"editing": True}, {"denied": True}])
def test_locked_edited_and_forbidden_files_are_refused_with_the_same_text(portal, state):
    file_id = portal.upload()
    portal.own("PUT", f"simulator/files/{file_id}", json=state)
    answer = portal.move(file_id, conflictResolveType=2)
    assert (answer.status_code, answer.json()["error"]["message"]) == (403, "Access denied")
    file = portal.file(file_id)
    told = {"locked_by": file["locked"], "editing": file["fileStatus"] & 1, "denied": not file["security"]["Move"]}
    assert told[next(iter(state))]


def test_who_only_views_a_room_may_read_but_not_move(portal):
    file_id = portal.upload()
    file = portal.call("GET", f"files/file/{file_id}", key=seed.NO_RIGHTS_KEY).json()["response"]
    assert file["security"]["Move"] is False
    assert portal.move(file_id, key=seed.NO_RIGHTS_KEY).status_code == 403
    assert portal.call("GET", f"files/folder/{seed.INCOMING}", key=seed.NO_RIGHTS_KEY).status_code == 403


def test_a_deleted_file_is_404(portal):
    file_id = portal.upload()
    portal.own("PUT", f"simulator/files/{file_id}", json={"deleted": True})
    assert portal.file(file_id) == 404


def test_many_files_are_deleted_at_once(portal):
    first, second, kept = portal.upload("a.pdf"), portal.upload("b.pdf"), portal.upload("c.pdf")
    portal.own("PUT", "simulator/files", json={"deleted": [first, second, "gone"]})
    assert [portal.file(first), portal.file(second)] == [404, 404]
    assert portal.file(kept)["id"] == kept


def test_a_wrong_key_is_401_with_an_empty_body(portal):
    answer = portal.call("GET", "people/@self", key="sk-wrong")
    assert (answer.status_code, answer.content) == (401, b"")


def test_a_key_for_files_alone_lists_no_rooms_and_sees_no_webhooks(portal):
    def status(method, path):
        answer = portal.call(method, path, key=seed.LIMITED_KEY)
        return answer.status_code, answer.text if answer.status_code == 403 else ""

    assert status("GET", f"files/{seed.CLIENT_ROOM}") == (200, "")
    assert status("GET", "keys/@self") == (200, "")
    for path in ("files/rooms", "settings/webhook", "people/@self"):
        assert status("GET", path) == (403, "")


def test_the_service_user_can_be_given_another_role_in_a_room(portal):
    portal.own("PUT", f"simulator/rooms/{seed.CLIENT_ROOM}", json={"service": "viewer"})
    room = portal.call("GET", f"files/folder/{seed.CLIENT_ROOM}").json()["response"]
    assert (room["security"]["EditRoom"], room["security"]["Create"]) == (False, False)
    portal.own("PUT", f"simulator/rooms/{seed.CLIENT_ROOM}", json={"service": None})
    assert portal.call("GET", f"files/folder/{seed.CLIENT_ROOM}").status_code == 403


def test_a_third_party_file_has_a_string_id_and_gets_a_number_when_it_moves_in(portal, receiver):
    file_id = portal.upload(name="Invoice 1.pdf", folder=seed.DROPBOX_ROOM)
    assert isinstance(file_id, str)
    until(lambda: receiver.posts)
    assert receiver.bodies()[0]["payload"]["id"] == file_id
    assert receiver.bodies()[0]["payload"]["rootId"] == seed.DROPBOX_ROOM
    assert portal.file(file_id)["rootFolderId"] == seed.ROOMS
    done = portal.finished(portal.move(file_id))
    assert isinstance(done["files"][0]["id"], int)
    assert portal.file(file_id) == 404


def test_a_folders_path_runs_from_the_section_over_the_room(portal):
    path = portal.call("GET", f"files/folder/{seed.CLIENT_SUBFOLDER}/path").json()["response"]
    assert [step["id"] for step in path] == [seed.ROOMS, seed.CLIENT_ROOM, seed.CLIENT_SUBFOLDER]


def test_a_listing_goes_into_subfolders_unless_told_not_to(portal):
    portal.upload(folder=seed.CLIENT_SUBFOLDER)
    for query, expected in (({}, 1), ({"withSubFolders": "false"}, 0)):
        answer = portal.call("GET", f"files/{seed.CLIENT_ROOM}", params=query).json()["response"]
        assert len(answer["files"]) == expected
