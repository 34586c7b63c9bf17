"""Who may do what, how a refusal reads, and what ids and listings look like."""

import pytest

from simulator.portal import seed
from tests.contract.simulator_quirks.portal import until


def refusal(answer):
    error = answer.json()["error"]
    return answer.status_code, error["type"].rpartition(".")[2], error["message"]


def test_a_missing_source_is_told_by_its_place_and_a_missing_destination_otherwise(portal):
    there = portal.upload()
    assert refusal(portal.move(1)) == refusal(portal.move(1, there)) == (403, "SecurityException", "Access denied")
    gone = (404, "FileNotFoundException", "The required file was not found")
    assert refusal(portal.move(there, 1)) == gone
    assert portal.file(there)["folderId"] == seed.CLIENT_ROOM
    no_folder = (404, "ItemNotFoundException", "The required folder was not found")
    assert refusal(portal.move(there, dest=1)) == no_folder


@pytest.mark.parametrize("strange", ["abc", 2**31, "1.5"])
def test_an_id_of_no_storage_at_all_has_no_selector(portal, strange):
    none = (404, "ItemNotFoundException", "Selector '' not found")
    assert refusal(portal.call("GET", f"files/file/{strange}")) == none
    assert refusal(portal.call("GET", f"files/folder/{strange}")) == none
    assert refusal(portal.move(strange)) == refusal(portal.move(portal.upload(), dest=strange)) == none
    assert refusal(portal.call("GET", "files/file/-5"))[2] == "The required file was not found"
    assert portal.call("GET", "files/file/sbox-99-|a.pdf").status_code == 500


@pytest.mark.parametrize("state", [{"locked_by": "client"}, {"editing": True}, {"denied": True}])
def test_locked_edited_and_forbidden_files_are_refused_with_the_same_text(portal, state):
    file_id = portal.upload()
    portal.own("PUT", f"simulator/files/{file_id}", json=state)
    answer = portal.move(file_id, conflictResolveType=2)
    assert (answer.status_code, answer.json()["error"]["message"]) == (403, "Access denied")
    file = portal.file(file_id)
    may_move, editing = file["security"]["Move"], {seed.CLIENT.id: seed.CLIENT.display_name}
    if "locked_by" in state:
        assert (file["locked"], file["lockedBy"], may_move) == (True, seed.CLIENT.display_name, False)
    elif "editing" in state:
        assert (file["editingBy"], file["fileStatus"], may_move) == (editing, 0, True)
        portal.own("PUT", f"simulator/files/{file_id}", json={"editing_shows": True})
        assert portal.file(file_id)["fileStatus"] == 1
    else:
        assert (may_move, "locked" in file, file["editingBy"]) == (False, False, {})


def test_what_the_service_user_locked_itself_it_moves_and_it_stays_locked(portal):
    file_id = portal.upload()
    portal.own("PUT", f"simulator/files/{file_id}", json={"locked_by": "service"})
    portal.finished(portal.move(file_id))
    file = portal.file(file_id)
    assert (file["folderId"], file["locked"], "lockedBy" in file) == (seed.INCOMING, True, False)


def test_with_skip_a_namesake_lets_an_edited_file_pass_but_not_a_locked_one(portal):
    portal.finished(portal.move(portal.upload(name="a.pdf")))
    second = portal.upload(name="a.pdf")
    portal.own("PUT", f"simulator/files/{second}", json={"editing": True})
    assert portal.finished(portal.move(second))["processed"] == "0"
    portal.own("PUT", f"simulator/files/{second}", json={"editing": False, "locked_by": "client"})
    assert portal.move(second).status_code == 403


def test_a_trash_is_open_to_its_owner_alone_who_restores_from_it(portal, receiver, simulator):
    ours, theirs = portal.upload(name="a.pdf"), portal.upload(name="b.pdf")
    portal.call("DELETE", f"files/file/{ours}", json={})
    portal.call("DELETE", f"files/file/{theirs}", key=seed.CLIENT_KEY, json={})
    until(lambda: portal.file(theirs) == 403)
    until(lambda: portal.file(ours)["rootFolderType"] == 3)
    assert (portal.file(ours)["folderId"], portal.file(ours)["security"]["Move"]) == (seed.SERVICE_TRASH, True)
    assert portal.move(theirs).status_code == 403
    simulator.webhooks.add(seed.SERVICE.id, "all", receiver.url, "Simulator-Secret-1", 0)
    portal.finished(portal.move(ours))
    triggers = until(
        lambda: [body["event"]["trigger"] for body in receiver.bodies() if body["webhook"]["name"] == "all"]
    )
    assert triggers == ["file.restored"]


def test_an_archived_room_is_readable_and_refuses_every_change(portal):
    inside, outside = portal.upload(name="in.pdf"), portal.upload(name="out.pdf", folder=seed.OTHER_CLIENT_ROOM)
    portal.own("PUT", f"simulator/rooms/{seed.CLIENT_ROOM}", json={"archived": True})
    file = portal.file(inside)
    assert file["rootFolderType"] == 20
    rights = {name for name, given in file["security"].items() if given}
    assert rights == {"Read", "ReadHistory", "Copy", "Download"}
    assert portal.move(inside).status_code == portal.move(outside, dest=seed.CLIENT_ROOM).status_code == 403
    assert portal.call("POST", f"files/folder/{seed.CLIENT_ROOM}", json={"title": "x"}).status_code == 403
    rooms = portal.call("GET", "files/rooms").json()["response"]["folders"]
    assert seed.CLIENT_ROOM not in {room["id"] for room in rooms}
    archive = portal.call("GET", "files/rooms", params={"searchArea": "Archive"}).json()["response"]["folders"]
    assert [room["id"] for room in archive] == [seed.CLIENT_ROOM]
    portal.own("PUT", f"simulator/rooms/{seed.CLIENT_ROOM}", json={"archived": False})
    portal.finished(portal.move(inside))


def test_a_form_room_takes_no_ordinary_pdf(portal):
    form = portal.call("POST", "files/rooms", json={"title": "Forms", "roomType": 1}).json()["response"]
    assert (form["security"]["Create"], form["security"]["MoveTo"]) == (True, True)
    moved = refusal(portal.move(portal.upload(), dest=form["id"]))
    assert moved[:2] == (403, "InvalidOperationException")
    assert moved[2].startswith("The file cannot be moved to this room.")
    answer = portal.call("POST", f"files/{form['id']}/upload", files={"file": ("a.pdf", b"%PDF")})
    assert answer.status_code == 500


def test_who_only_fills_a_room_moves_their_own_files_alone(portal):
    theirs = portal.upload(name="a.pdf")
    portal.own("PUT", f"simulator/rooms/{seed.CLIENT_ROOM}", json={"service": "creator"})
    answer = portal.call("POST", f"files/{seed.CLIENT_ROOM}/upload", files={"file": ("b.pdf", b"%PDF")})
    ours = answer.json()["response"][0]["id"]
    assert portal.move(theirs).status_code == 403
    portal.finished(portal.move(ours))
    portal.own("PUT", f"simulator/rooms/{seed.ACCOUNTING_ROOM}", json={"service": "editor"})
    assert portal.move(ours, dest=seed.CLIENT_ROOM).status_code == 403


def test_sections_refuse_a_file_and_ones_own_documents_take_it(portal):
    file_id = portal.upload()
    for section in (seed.ROOMS, seed.ARCHIVE, seed.SERVICE_TRASH):
        assert refusal(portal.move(file_id, dest=section)) == (403, "SecurityException", "Access denied")
    portal.finished(portal.move(file_id, dest=seed.SERVICE_DOCUMENTS))


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


def test_a_listing_goes_into_subfolders_only_with_a_filter(portal):
    portal.upload(folder=seed.CLIENT_SUBFOLDER)
    deep = {"withSubFolders": "true"}
    files = deep | {"filterType": "1"}
    for query, found, folders in ((deep, 0, 1), (files, 1, 0), (files | {"withSubFolders": "false"}, 0, 0)):
        answer = portal.call("GET", f"files/{seed.CLIENT_ROOM}", params=query).json()["response"]
        assert (len(answer["files"]), len(answer["folders"]), answer["total"]) == (found, folders, found + folders)


@pytest.mark.parametrize(
    ("query", "field"), [({"count": 0}, "count"), ({"count": "x"}, "count"), ({"filterType": "z"}, "filterType")]
)
def test_a_fault_of_the_requests_shape_comes_in_the_envelope_of_a_success(portal, query, field):
    answer = portal.call("GET", f"files/{seed.CLIENT_ROOM}", params=query)
    body = answer.json()
    assert (answer.status_code, "error" in body, list(body["response"]["errors"])) == (400, False, [field])
    assert answer.headers["Content-Type"] == "application/problem+json; charset=utf-8"
