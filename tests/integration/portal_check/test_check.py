"""`intake portal check`: nothing is found where nothing differs, and everything where something does."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from console.portal_check.beliefs import FILE, shapes, template, written
from console.portal_check.webhook import is_about
from simulator.portal import seed, uploads
from tests.contract.recorded.corpus import FILES
from tests.integration.portal_check.conftest import Site

FILE_PATH, MOVE = "files/file/", "files/fileops/move"


def test_on_a_portal_that_is_as_believed_it_finds_nothing_and_leaves_nothing(site: Site) -> None:
    before = site.files()
    result = site.check()
    assert result.exit_code == 0, result.output
    assert "All answers are as believed." in result.stdout
    assert "delivered, says the portal; the broker cannot be reached from here" in result.stdout
    assert site.files() == before
    with site.simulator.portal.lock:
        assert site.simulator.portal.read_operations(seed.SERVICE, None, None) == []


def test_locks_of_the_service_user_on_other_files_stay(site: Site) -> None:
    """An unlock of one file takes away all of the locker's."""
    with site.simulator.portal.lock:
        file = uploads.simple(site.simulator.portal, seed.CLIENT, 86190, "Contract.pdf", b"pdf")
        file.locked_by = seed.SERVICE.id
    assert site.check().exit_code == 0
    assert file.locked_by == seed.SERVICE.id


def test_the_report_holds_no_name_title_id_address_or_key(site: Site, tmp_path: Path) -> None:
    report = site.check("--json", "--record", str(tmp_path / "kept"))
    told = report.stdout + "".join(path.read_text() for path in (tmp_path / "kept").iterdir())
    for secret in (
        "86190",
        "748239",
        "Acme",
        "Service",
        "example.com",
        "sk-simulator",
        "127.0.0.1",
        "intake-check",
    ):
        assert secret not in told
    assert json.loads(report.stdout)["as_believed"] is True


def test_what_it_keeps_has_the_form_and_the_shapes_of_what_was_recorded(site: Site, tmp_path: Path) -> None:
    site.check("--record", str(tmp_path))
    kept = [json.loads(path.read_text()) for path in sorted(tmp_path.iterdir())]
    for each in kept:
        assert each.keys() == {"note", "method", "path", "request", "status", "content_type", "answer"}
    assert set(shapes(kept)) == set(shapes(each for each in FILES.values() if "method" in each))


def changed(path: str, change: Callable[[Any], None], method: str = "GET") -> Any:
    def of_answer(called: str, at: str, status: int, answer: Any) -> tuple[int, Any]:
        if called == method and at.startswith(path) and status == 200:
            change(answer)
        return status, answer

    return of_answer


def put(**fields: Any) -> Callable[[Any], None]:
    return lambda answer: answer["response"].update(fields)


def without(name: str) -> Callable[[Any], None]:
    return lambda answer: answer["response"].pop(name)


def elsewhere(method: str, path: str, status: int, answer: Any) -> tuple[int, Any]:
    """The move's answer is as always, and the file never arrives."""
    if method == "GET" and path.startswith(FILE_PATH) and status == 200:
        answer["response"]["folderId"] = 86190
    return status, answer


def error_elsewhere(_: str, path: str, status: int, answer: Any) -> tuple[int, Any]:
    return status, {"errors": [answer["error"]]} if status == 404 and path.startswith(FILE_PATH) else answer


def not_deleted(_: str, path: str, status: int, answer: Any) -> tuple[int, Any]:
    if status == 404 and path.startswith(FILE_PATH):
        return 410, answer
    return status, answer


CHANGES: dict[str, tuple[Any, str, str]] = {
    "a field of another type": (changed(FILE_PATH, put(version="1")), "response.version", "text, not whole number"),
    "a field that is missing": (changed(FILE_PATH, without("rootFolderId")), "response.rootFolderId", "missing"),
    "a field that nobody knows": (changed(FILE_PATH, put(colour="red")), "response.colour", "unknown field"),
    "a field that is named by an id": (
        changed(FILE_PATH, put(**{"de6f2930-5b0a": 1})), "response.…", "unknown field",
    ),
    "another status": (not_deleted, "status", "410, not 404, of a file that was deleted"),
    "an error's text elsewhere": (error_elsewhere, "error.message", "missing in a 404"),
    "an id as a text": (
        changed(FILE_PATH, lambda answer: put(id=str(answer["response"]["id"]))(answer)), "response.id",
        "text, not whole number",
    ),
    "an object in the place of a list": (
        changed(MOVE, lambda answer: answer.update(response=answer["response"][0]), "PUT"), "response",
        "object, not list",
    ),
    "a moment in another spelling": (
        changed(FILE_PATH, put(created="30/11/2026")), "response.created", "text, not moment",
    ),
    "a file that stays where it was": (elsewhere, "effect", "not in the destination"),
    "null where there was a text": (changed("keys/@self", put(name=None)), "response.name", "null, not text"),
    "a lock that is not told": (changed(FILE_PATH, lambda answer: answer["response"].pop("locked", None)),
        "response.locked", "not true after a lock"),
    "a title that stays": (changed(FILE_PATH, put(title="intake")), "response.title", "not the new one"),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES.values(), ids=CHANGES.keys())
def test_a_changed_answer_is_found(site: Site, case: tuple[Any, str, str]) -> None:
    before = site.files()
    site.between.change, where, what = case
    report = site.report()
    assert [each for each in report["differences"] if each["where"] == where and what in each["what"]], report
    assert site.files().keys() == before.keys()


MOODS: dict[str, tuple[dict[str, Any], str]] = {
    "suspended": ({"state": "suspended"}, "the portal is suspended"),
    "restoring": ({"state": "restoring"}, "restored"),
    "unpaid": ({"state": "unpaid"}, "paid"),
    "maintenance": ({"maintenance": 200}, "a proxy, a login or maintenance page"),
    "renamed": ({"renamed": "http://127.0.0.1:9"}, "301 to GET settings"),
    "key off": ({"key_off": True}, "refuses our API key"),
    "key lost on the way": ({"drop_key": True}, "key"),
}


@pytest.mark.parametrize("mood", MOODS.values(), ids=MOODS.keys())
def test_a_portal_that_is_not_itself_is_one_sentence(site: Site, mood: tuple[dict[str, Any], str]) -> None:
    site.mood(**mood[0])
    result = site.check()
    assert result.exit_code == 1
    ended = [line for line in result.stdout.splitlines() if line.startswith("ended")]
    assert len(ended) == 1
    assert mood[1] in ended[0]


def test_an_archived_or_missing_room_is_told_before_anything_is_made(site: Site) -> None:
    before = site.files()
    requests.put(f"{site.simulator.url}/simulator/rooms/86190", json={"archived": True}, timeout=10)
    assert "archived room" in site.check().stdout
    assert "does not exist" in site.check("--room", "999").stdout
    assert site.files() == before


def test_an_interrupt_leaves_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of the way, with the file made and locked."""

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    before = site.files()
    monkeypatch.setattr("console.portal_check.way.Way._rename", lambda _: interrupt(0))
    assert site.check().exit_code != 0
    assert site.files() == before


def test_a_second_interrupt_while_it_tidies_up_says_what_is_left(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    for step in ("_rename", "_delete"):
        monkeypatch.setattr(f"console.portal_check.way.Way.{step}", interrupt)
    result = site.check()
    assert result.exit_code != 0
    assert "may be left on the portal: delete it there" in result.stderr


def test_an_upload_with_a_lost_answer_is_deleted_and_the_report_quotes_nothing(
    site: Site,
) -> None:
    def lost(method: str, path: str, status: int, answer: Any) -> tuple[int, Any]:
        if method == "POST":
            return 500, {"error": {"message": "Jane's disk is full"}, "status": 1, "statusCode": 500}
        return status, answer

    before = site.files()
    site.between.change = lost
    result = site.check("--json")
    assert json.loads(result.stdout)["ended_early"] == "upload: the portal answered 500 to POST files/{id}/upload"
    assert "Jane" not in result.stdout
    assert "Jane's disk is full" in site.check().stdout
    assert site.files() == before


@pytest.mark.parametrize(("file_id", "about"), [(7, True), (5, False), (6, False)])
def test_a_webhook_is_about_the_file_in_its_payload_whatever_other_ids_it_has(file_id: int, *, about: bool) -> None:
    body = b'{"event":{"id":5,"trigger":"file.created"},"payload":{"id":7,"title":"a.pdf"},"webhook":{"id":6}}'
    assert is_about(body, file_id) is about
    assert not is_about(b"{", file_id)


def test_who_does_not_say_yes_makes_nothing(site: Site) -> None:
    before = site.files()
    result = site.check(yes=False)
    assert result.exit_code == 1
    assert "Upload a small file to room 86190" in result.output
    assert site.files() == before


def test_a_webhook_that_does_not_come_is_said_and_differs_from_nothing(site: Site) -> None:
    requests.put(f"{site.simulator.url}/simulator/webhooks/1", json={"enabled": False}, timeout=10)
    site.simulator.webhooks.clear()
    report = site.report("--wait", "1")
    assert report["webhook"].startswith("not seen within 1 s")
    assert (report["as_believed"], report["differences"]) == (False, [])
    result = site.check("--wait", "1")
    assert result.exit_code == 1
    assert "All answers are as believed, and the webhook did not come." in result.stdout


def test_the_beliefs_are_those_of_the_recorded_answers() -> None:
    held = [each for each in FILES.values() if "method" in each]
    assert FILE.read_text() == written(shapes(held)), "run scripts/portal-beliefs"
    assert template("/api/2.0/files/file/7/log?count=5") == "files/file/{id}/log"
