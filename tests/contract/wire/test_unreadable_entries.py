"""An entry that cannot be read costs itself, not its page; of a path it costs the whole, as it may be the room."""

import json
from typing import Any

import pytest
import structlog

from shared.docspace import wire
from shared.docspace.errors import TryLaterError
from shared.docspace.pages import PAGE, pages
from tests.contract.wire.routes import ROUTES, Answered, Route

BAD: list[Any] = [
    None,
    True,
    7,
    "x",
    [],
    {},
    {"id": None, "folderId": 9},
    {"id": True},
    {"id": ""},
    {"folderId": 1},
]

GOOD: dict[str, list[Any]] = {
    "file": [{"id": 1, "folderId": 9, "title": "a"}, {"id": "sbox-1", "folderId": 9, "title": "b"}],
    "folder": [{"id": 1, "title": "a"}, {"id": "sbox-1", "title": "b"}],
    "operation": [{"id": "a", "finished": True}, {"id": "b"}],
    "webhook": [{"id": 1, "triggers": 0}, {"id": 2, "triggers": 256}],
    "trigger": [{"name": "*", "id": 0}, {"name": "file.uploaded", "id": 256}],
    "log row": [
        {"id": 2, "creationTime": "2026-11-29T20:26:35.6Z", "requestPayload": "{}"},
        {"id": 1, "creationTime": "2026-11-29T20:26:34.6Z", "delivery": "2026-11-29T20:26:35Z"},
    ],
}

LISTS = [route for route in ROUTES if route.place([{}]) != {} and not route.name.endswith("/path")]


def asked(route: Route, entries: list[Any]) -> Any:
    return route.ask(Answered(route.name, {"response": route.place(entries)}))


@pytest.mark.parametrize("bad", BAD, ids=repr)
@pytest.mark.parametrize("route", LISTS, ids=lambda route: route.name)
def test_an_entry_that_cannot_be_read_costs_itself(route: Route, bad: object) -> None:
    good = GOOD[route.kind]
    before, told = asked(route, good), asked(route, [good[0], bad, good[1]])
    if route.name in {"GET files/1", "GET files/rooms"}:  # what it cannot read still has a place in the folder
        assert told == (before[0], 3, *before[2:-1], 3) if len(before) > 2 else (before[0], 3)
    else:
        assert told == before


@pytest.mark.parametrize("created", [None, 7, "", "yesterday"])
def test_the_logs_own_time_which_is_wrong_outside_utc_is_not_looked_at(created: object) -> None:
    route = next(route for route in ROUTES if route.kind == "log row")
    rows = GOOD["log row"]
    assert asked(route, [row | {"creationTime": created} for row in rows]) == asked(route, rows)


@pytest.mark.parametrize("bad", BAD, ids=repr)
def test_a_path_with_an_item_that_cannot_be_read_is_an_error_of_the_whole(bad: object) -> None:
    envelope = {"response": [{"id": 1, "title": "Rooms"}, bad, {"id": 3, "title": "Inbox"}]}
    with pytest.raises(TryLaterError, match="GET files/folder/3/path"):
        Answered("GET files/folder/3/path", envelope).folder_path(3)


@pytest.mark.parametrize("lists", [{"files": "x"}, {"files": {}}, {"folders": 7}, {"files": [], "folders": True}])
def test_a_page_whose_list_is_none_does_not_look_like_an_empty_folder(lists: dict[str, Any]) -> None:
    name = list(lists)[-1]
    with pytest.raises(TryLaterError, match=rf"GET files/9 .*\.{name}`"):
        Answered("GET files/9", {"response": {"total": 5, **lists}}).folder_page(9, 0)


@pytest.mark.parametrize("lists", [{}, {"files": None, "folders": None}, {"files": [], "folders": []}])
def test_a_page_that_tells_of_nothing_is_empty(lists: dict[str, Any]) -> None:
    page = Answered("GET files/9", {"response": lists}).folder_page(9, 0)
    assert (page.files, page.entries, page.total) == ((), 0, None)


def test_a_move_whose_operation_cannot_be_read_may_be_done() -> None:
    with pytest.raises(TryLaterError, match=r"PUT files/fileops/move .*`id`") as caught:
        Answered("PUT files/fileops/move", {"response": [{"progress": 0}]}).move([5], 9)
    assert caught.value.maybe_done


def test_an_operation_without_its_id_is_unknown() -> None:
    assert Answered("GET files/fileops", {"response": [{"finished": True}]}).operation("op-1") is None


def test_the_files_of_an_operation_that_can_be_read_are_told() -> None:
    envelope = {"response": [{"id": "op-1", "files": [{"id": 5}, {"title": "x"}, None, {"id": "sbox-1"}]}]}
    operation = Answered("GET files/fileops", envelope).operation("op-1")
    assert operation is not None
    assert operation.files == (5, "sbox-1")


def test_the_log_says_how_many_were_unreadable_and_why() -> None:
    with structlog.testing.capture_logs() as told:
        asked(LISTS[0], [{"id": 1}, *GOOD["file"], {"id": 2}])
    assert told == [
        {
            "event": "portal.entries_unreadable", "log_level": "warning", "kind": "FileWire", "count": 2,
            "reason": "Object missing required field `folderId`",
        }
    ]  # fmt: skip


@pytest.mark.parametrize("every", [1, 2, 7])
def test_paging_counts_what_cannot_be_read_and_finds_the_rest_once(every: int) -> None:
    """Also where all of the overlap of two pages is unreadable."""
    files = [
        {"id": number, "folderId": 9} if number % every else {"id": None, "title": f"{number}"}
        for number in range(1, 261)
    ]
    files[80:105] = [{"id": None, "title": f"{number}"} for number in range(25)]
    starts: list[int] = []

    def page(start: int) -> wire.Listing:
        starts.append(start)
        said = {"response": {"files": files[start : start + PAGE], "folders": [], "total": len(files)}}
        return wire.response(json.dumps(said).encode(), wire.PageWire, "GET files/9").listing()

    found = [file.id for new, _ in pages(page) for file in new]
    assert found == [file["id"] for file in files if file["id"]]
    assert starts == [0, 85, 170]
