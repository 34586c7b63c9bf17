"""Moves are operations, told of once; what happens to a file whose title is taken."""

import pytest

from simulator.outgoing.triggers import BITS
from simulator.portal import seed
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
    assert (done["error"], done["processed"], "files" in done) == ("", "0", False)
    assert [folder["id"] for folder in done["folders"]] == [seed.INCOMING]
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


def test_moving_to_where_it_is_counts_and_changes_nothing(portal):
    file_id = portal.upload()
    portal.finished(portal.move(file_id))
    assert portal.finished(portal.move(file_id, conflictResolveType=2))["processed"] == "1"
    assert len(portal.state()["moves"]) == 1


def test_a_batch_tells_file_by_file_what_it_has_done(portal):
    ids = [portal.upload(name=f"{number}.pdf") for number in range(5)]
    portal.faults(operation_ms=500)
    answer = portal.move(*ids)
    operation, told = answer.json()["response"][0]["id"], []

    def ended():
        found = portal.call("GET", "files/fileops", params={"id": operation}).json()["response"][0]
        told.append((found["status"], found["progress"], found["processed"], len(found.get("files", []))))
        return found["finished"]

    until(ended)
    seen = list(dict.fromkeys(told))
    assert seen[0] == (1, 0, "0", 0)
    assert seen[-1] == (2, 100, "5", 5)
    assert seen == sorted(seen, key=lambda item: item[1])
    assert (1, 100, "5", 5) in seen  # all are there, and it has not ended
    assert len(seen) > 4


def test_asking_for_copies_takes_a_finished_move_away_without_telling_it(portal):
    file_id = portal.upload()
    operation = portal.move(file_id).json()["response"][0]["id"]
    until(lambda: portal.file(file_id)["folderId"] == seed.INCOMING)
    until(lambda: portal.state()["counts"]["operations"] == 1)
    for kind in (2, 3, 4, 7):
        assert portal.call("GET", f"files/fileops/{kind}").json()["response"] == []
    assert portal.state()["counts"]["operations"] == 1

    def copies():
        assert portal.call("GET", "files/fileops/1").json()["response"] == []
        return portal.state()["counts"]["operations"] == 0

    until(copies)
    answer = portal.call("GET", "files/fileops", params={"id": operation}).json()
    assert (answer["response"], answer["count"]) == ([], 1)


def test_a_file_named_twice_in_one_move_counts_twice(portal):
    file_id = portal.upload()
    done = portal.finished(portal.move(file_id, file_id, conflictResolveType=2))
    assert (done["processed"], [file["id"] for file in done["files"]]) == ("2", [file_id])


def test_a_move_of_nothing_names_no_operation(portal):
    answer = portal.move()
    assert (answer.status_code, answer.json()["response"]) == (200, [])


def test_with_more_than_one_operation_asked_for_the_put_takes_finished_ones_away(portal):
    first, second = portal.upload(name="a.pdf"), portal.upload(name="b.pdf")
    portal.move(first)
    until(lambda: portal.file(first)["folderId"] == seed.INCOMING)

    def told():
        found = portal.move(second, conflictResolveType=2, returnSingleOperation=False).json()["response"]
        return [operation["finished"] for operation in found][:1] == [True]

    until(told)


def test_the_id_of_the_newest_file_is_used_again_when_it_is_gone(portal):
    first = portal.upload(name="a.pdf")
    second = portal.upload(name="b.pdf")
    portal.own("PUT", f"simulator/files/{second}", json={"deleted": True})
    third = portal.upload(name="c.pdf", folder=seed.OTHER_CLIENT_ROOM)
    assert (third, portal.file(third)["version"]) == (second, 1)
    portal.own("PUT", f"simulator/files/{first}", json={"deleted": True})
    assert portal.upload(name="d.pdf") == third + 1


def test_the_source_of_an_overwriting_move_frees_its_id(portal, receiver, simulator):
    simulator.webhooks.add(seed.SERVICE.id, "moves", receiver.url + "/m", "Simulator-Secret-1", BITS["file.moved"])
    kept = portal.upload(name="a.pdf")
    portal.finished(portal.move(kept))
    source = portal.upload(name="a.pdf")
    done = portal.finished(portal.move(source, conflictResolveType=1))
    assert [(file["id"], file["version"]) for file in done["files"]] == [(kept, 2)]
    assert portal.upload(name="other.pdf") == source
    until(lambda: _moved(receiver) == [kept, kept])  # the second names the target


def _moved(receiver):
    return [body["payload"]["id"] for body in receiver.bodies() if body["event"]["trigger"] == "file.moved"]


def test_uploading_the_same_name_again_keeps_the_id_and_raises_the_version(portal):
    first = portal.upload(name="a.pdf")
    assert portal.upload(name="a.pdf") == first
    assert portal.file(first)["version"] == 2
