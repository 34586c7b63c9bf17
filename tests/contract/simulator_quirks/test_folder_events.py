"""Which events there are of folders and rooms, and that none tells of the files in them."""

import pytest

from simulator.portal import seed
from tests.contract.simulator_quirks.portal import until


@pytest.fixture
def heard(simulator, receiver):
    """Calls, and gives what is in the log of it: triggers and parents. An event is in the log when it happens."""
    hook = simulator.webhooks.add(seed.OWNER.id, "all", receiver.url, "Simulator-Secret-1", 0)

    def listen(call):
        known = set(simulator.webhooks.log)
        call()
        new = [
            row.event for id_, row in simulator.webhooks.log.items() if id_ not in known and row.to.id == hook.id
        ]
        return [(event.trigger, event.payload["parentId"]) for event in new]

    return listen


@pytest.fixture
def folder(portal):
    """A folder with two invoices, in a room that is not the client's."""
    asked = {"title": "Scans"}
    made = portal.call("POST", f"files/folder/{seed.OTHER_CLIENT_ROOM}", key=seed.OWNER_KEY, json=asked)
    folder = made.json()["response"]["id"]
    for number in range(2):
        portal.upload(name=f"Invoice {number}.pdf", folder=folder)
    return folder


def ended(portal, answer):
    """The operation of the portal's owner."""
    told = answer.json()["response"]
    operation = (told if isinstance(told, dict) else told[0])["id"]

    def read():
        found = portal.call("GET", "files/fileops", key=seed.OWNER_KEY, params={"id": operation}).json()["response"]
        return found[0] if found and found[0]["finished"] else None

    return until(read)


def move_folder(portal, folder, dest):
    body = {"folderIds": [folder], "destFolderId": dest, "conflictResolveType": 2, "returnSingleOperation": True}
    return ended(portal, portal.call("PUT", "files/fileops/move", key=seed.OWNER_KEY, json=body))


def test_a_folder_that_is_moved_in_fires_one_event_and_none_for_the_files_in_it(portal, heard, folder):
    before = {file["id"]: file["version"] for file in portal.state()["files"]}
    assert heard(lambda: move_folder(portal, folder, seed.CLIENT_ROOM)) == [("folder.moved", seed.CLIENT_ROOM)]
    files = portal.state()["files"]
    assert {file["room_id"] for file in files} == {seed.CLIENT_ROOM}
    assert {file["id"]: file["version"] for file in files} == before


def test_a_folder_is_trashed_and_restored_with_one_event_each(portal, heard, folder):
    def trash():
        ended(portal, portal.call("DELETE", f"files/folder/{folder}", key=seed.OWNER_KEY, json={}))

    assert heard(trash) == [("folder.trashed", seed.OTHER_CLIENT_ROOM)]
    assert heard(lambda: move_folder(portal, folder, seed.CLIENT_ROOM)) == [("folder.restored", seed.CLIENT_ROOM)]


def test_a_room_is_archived_restored_and_deleted_with_one_event_each(portal, heard, folder):
    room = seed.OTHER_CLIENT_ROOM

    def room_call(method, path):
        answer = portal.call(method, f"files/rooms/{room}{path}", key=seed.OWNER_KEY, json={})
        return ended(portal, answer)

    assert heard(lambda: room_call("PUT", "/archive")) == [("room.archived", seed.ARCHIVE)]
    assert heard(lambda: room_call("PUT", "/unarchive")) == [("room.restored", seed.ROOMS)]
    assert heard(lambda: room_call("DELETE", "")) == [("room.deleted", seed.ROOMS)]
    assert portal.state()["files"] == []


def test_a_room_that_is_deleted_names_the_archive_as_its_folder(portal, folder):
    answer = portal.call("DELETE", f"files/rooms/{seed.OTHER_CLIENT_ROOM}", key=seed.OWNER_KEY, json={})
    assert isinstance(answer.json()["response"], dict)
    assert [found["id"] for found in ended(portal, answer)["folders"]] == [seed.ARCHIVE]


def test_a_folder_and_a_room_are_renamed_with_one_event_each(portal, heard, folder):
    def rename(path):
        assert portal.call("PUT", path, key=seed.OWNER_KEY, json={"title": "New"}).ok

    assert heard(lambda: rename(f"files/folder/{folder}")) == [("folder.updated", seed.OTHER_CLIENT_ROOM)]
    assert heard(lambda: rename(f"files/rooms/{seed.CLIENT_ROOM}")) == [("room.updated", seed.ROOMS)]


def test_a_lock_fires_one_event_an_unlock_two_and_neither_changes_modified(portal, heard):
    file_id = portal.upload()
    before = portal.file(file_id)["updated"]

    def lock(*, on):
        assert portal.call("PUT", f"files/file/{file_id}/lock", json={"lockFile": on}).ok

    assert [trigger for trigger, _ in heard(lambda: lock(on=True))] == ["file.updated"]
    assert [trigger for trigger, _ in heard(lambda: lock(on=False))] == ["file.updated"] * 2
    assert portal.file(file_id)["updated"] == before


def test_a_file_made_of_a_text_fires_created_alone(portal, heard):
    asked = {"title": "note.txt", "content": "x"}
    path = f"files/{seed.CLIENT_ROOM}/text"
    assert heard(lambda: portal.call("POST", path, json=asked)) == [("file.created", seed.CLIENT_ROOM)]


def test_the_handle_of_the_simulator_moves_a_folder_as_the_api_does(portal, heard, folder):
    def move_in():
        portal.own("PUT", f"simulator/folders/{folder}", json={"parent": seed.CLIENT_ROOM})

    assert heard(move_in) == [("folder.moved", seed.CLIENT_ROOM)]
    assert {file["room_id"] for file in portal.state()["files"]} == {seed.CLIENT_ROOM}
    made = portal.own("POST", "simulator/folders", json={"title": "More", "parent": folder})["id"]
    assert portal.call("GET", f"files/folder/{made}").json()["response"]["parentId"] == folder
