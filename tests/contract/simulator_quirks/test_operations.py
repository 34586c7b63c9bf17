"""Moves are operations, told of once; what happens to a file whose title is taken."""

import pytest

from simulator import seed
from tests.contract.simulator_quirks.portal import until


def test_a_move_is_queued_first_and_done_later(portal):
    portal.faults(operation_ms=200)
    file_id = portal.upload()
    answer = portal.move(file_id)
    operation = answer.json()["response"][0]
    assert (operation["Operation"], operation["finished"]) == (0, False)
    assert portal.file(file_id)["folderId"] == seed.CLIENT_ROOM
    done = portal.finished(answer)
    assert (done["progress"], done["status"], done["error"], done["processed"]) == (100, 2, "", "1")
    assert portal.file(file_id)["folderId"] == seed.INCOMING


def test_a_finished_operation_is_returned_once(portal):
    done = portal.finished(portal.move(portal.upload()))
    assert portal.call("GET", "files/fileops", params={"id": done["id"]}).json()["response"] == []


def test_another_unfiltered_read_takes_the_finished_operation_away(portal):
    file_id = portal.upload()
    operation = portal.move(file_id).json()["response"][0]["id"]
    until(lambda: portal.file(file_id)["folderId"] == seed.INCOMING)
    assert [found["id"] for found in portal.call("GET", "files/fileops").json()["response"]] == [operation]
    assert portal.call("GET", "files/fileops", params={"id": operation}).json()["response"] == []


def test_with_delete_after_the_finished_operation_is_never_returned(portal):
    file_id = portal.upload()
    operation = portal.move(file_id, deleteAfter=True).json()["response"][0]["id"]
    until(lambda: portal.file(file_id)["folderId"] == seed.INCOMING)
    assert portal.call("GET", "files/fileops", params={"id": operation}).json()["response"] == []


def test_another_user_does_not_see_the_operation(portal):
    file_id = portal.upload()
    operation = portal.move(file_id).json()["response"][0]["id"]
    until(lambda: portal.file(file_id)["folderId"] == seed.INCOMING)
    for key, expected in ((seed.CLIENT_KEY, 0), ("sk-simulator", 1)):
        answer = portal.call("GET", "files/fileops", key=key, params={"id": operation})
        assert len(answer.json()["response"]) == expected


def test_skip_is_the_default_and_does_nothing_without_an_error(portal):
    portal.finished(portal.move(portal.upload(name="a.pdf")))
    second = portal.upload(name="a.pdf")
    done = portal.finished(portal.move(second))
    assert (done["error"], done["processed"], done["files"]) == ("", "0", [])
    assert portal.file(second)["folderId"] == seed.CLIENT_ROOM


@pytest.mark.parametrize("name", [2, "2", "Duplicate"])
def test_duplicate_puts_both_side_by_side_and_keeps_the_ids(portal, name):
    first, second = portal.upload(name="a.pdf"), portal.upload(name="a.pdf", folder=seed.CLIENT_SUBFOLDER)
    portal.finished(portal.move(first))
    portal.finished(portal.move(second, conflictResolveType=name))
    assert [portal.file(file_id)["title"] for file_id in (first, second)] == ["a.pdf", "a.pdf"]
    assert [portal.file(file_id)["folderId"] for file_id in (first, second)] == [seed.INCOMING] * 2


def test_overwrite_takes_the_targets_id_with_a_higher_version(portal):
    first, second = portal.upload(name="a.pdf"), portal.upload(name="a.pdf", folder=seed.CLIENT_SUBFOLDER)
    portal.finished(portal.move(first))
    portal.finished(portal.move(second, conflictResolveType=1))
    assert portal.file(first)["version"] == 2
    assert portal.file(second) == 404


def test_moving_to_where_it_is_does_nothing(portal):
    file_id = portal.upload()
    portal.finished(portal.move(file_id))
    portal.finished(portal.move(file_id, conflictResolveType=2))
    assert len(portal.state()["moves"]) == 1


def test_uploading_the_same_name_again_keeps_the_id_and_raises_the_version(portal):
    first = portal.upload(name="a.pdf")
    assert portal.upload(name="a.pdf") == first
    assert portal.file(first)["version"] == 2
