"""A room that was long in use, who uploaded what in it, and which routes were asked."""

import pytest

from simulator.portal import seed


def test_many_files_lie_in_paths_of_folders_and_no_event_tells_of_them(portal, receiver):
    wanted = {
        "folder": seed.CLIENT_ROOM,
        "folders": 7,
        "depth": 3,
        "files": 250,
        "age_s": 3600,
        "title": "Old {}.pdf",
    }
    made = portal.own("POST", "simulator/seed", json=wanted)
    assert (len(made["folders"]), len(made["files"])) == (7, 250)
    path = portal.call("GET", f"files/folder/{made['folders'][2]}/path").json()["response"]
    assert [folder["id"] for folder in path] == [seed.ROOMS, seed.CLIENT_ROOM, *made["folders"][:3]]
    deep = {"filterType": 1, "withSubFolders": "true", "sortBy": "DateAndTime", "sortOrder": "descending"}
    page = portal.call("GET", f"files/{seed.CLIENT_ROOM}", params={**deep, "count": 1}).json()["response"]
    assert (page["total"], page["files"][0]["title"]) == (250, "Old 249.pdf")
    assert receiver.posts == []
    assert portal.state()["routes"]["GET files/{folder_id}?filterType"] == 1


def test_a_files_log_tells_each_upload_and_rename_newest_first(portal):
    file_id = portal.upload("a.pdf")
    portal.upload("a.pdf")
    portal.call("PUT", f"files/file/{file_id}", json={"title": "b"})
    rows = portal.call("GET", f"files/file/{file_id}/log").json()["response"]
    told = [(row["action"]["key"], row["initiator"]["id"]) for row in rows]
    assert told == [
        ("FileRenamed", seed.SERVICE.id),
        ("UserFileUpdated", seed.CLIENT.id),
        ("FileUploaded", seed.CLIENT.id),
    ]


@pytest.mark.parametrize("file_id", ["sbox-12-%7Ca.pdf", "999999999"])
def test_what_has_no_log_is_not_found(portal, file_id):
    assert portal.call("GET", f"files/file/{file_id}/log").status_code == 404
