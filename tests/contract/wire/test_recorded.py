"""Every answer of a recorded portal that the product reads, through the real client over HTTP."""

import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from shared.docspace import wire
from shared.docspace.client import Client
from shared.docspace.model import entry_time
from tests.contract.wire.routes import ROUTES, Route

RECORDED = Path(__file__).parents[2] / "recorded"

NOT_READ = {
    "files/file/*/log", "files/file/*/presigneduri", "files/rooms/*", "files/rooms/*/share",
    "files/rooms/*/archive", "DELETE files/folder/*", "DELETE settings/webhook/*",
}  # fmt: skip
"""Recorded routes that the product does not call, or whose answer it does not look at."""


@cache
def exchanges() -> dict[str, dict[str, Any]]:
    every = {path.stem: json.loads(path.read_text()) for path in sorted(RECORDED.glob("*.json"))}
    return {name: one for name, one in every.items() if one.get("status") == 200}


def path_of(exchange: dict[str, Any]) -> str:
    path = exchange["path"].partition("?")[0].removeprefix("/api/2.0/")
    return re.sub(r"/\d+", "/*", path)


def is_read(exchange: dict[str, Any]) -> bool:
    path = path_of(exchange)
    return path not in NOT_READ and f"{exchange['method']} {path}" not in NOT_READ


def route_of(exchange: dict[str, Any]) -> Route:
    asked = f"{exchange['method']} {path_of(exchange)}".replace("*", "1")
    return next(route for route in ROUTES if route.name == asked and route.kind != "page")


EXCHANGES = {name: one for name, one in exchanges().items() if is_read(one)}


class Portal(ThreadingHTTPServer):
    """Answers as was recorded, whatever it is asked; a page after the first is empty."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.envelope: Any = None
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        self.thread.start()


class _Handler(BaseHTTPRequestHandler):
    server: Portal
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = self.server.envelope
        if self.path.endswith("/settings/webhook/triggers"):
            said = exchanges()["hook-triggers-admin"]["answer"]
        if re.search(r"startIndex=[1-9]", self.path):
            said = {"response": []}
        body = json.dumps(said, ensure_ascii=False).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = _serve  # noqa: N815 # the base class's names

    def log_message(self, *args: object) -> None:
        pass


class Asking(Client):
    portal: Portal

    def first_id(self) -> str:
        told = self.portal.envelope["response"]
        return told[0]["id"] if told else "7"


@pytest.fixture(scope="module")
def client() -> Iterator[Asking]:
    portal = Portal()
    client = Asking(f"http://127.0.0.1:{portal.server_address[1]}", "sk-key", pool_size=1)
    client.portal = portal
    yield client
    client.close()
    portal.shutdown()
    portal.thread.join()
    portal.server_close()


def told(client: Asking, name: str) -> Any:
    client.portal.envelope = EXCHANGES[name]["answer"]
    return route_of(EXCHANGES[name]).ask(client)


@pytest.mark.parametrize("name", EXCHANGES)
def test_a_recorded_answer_says_what_a_reader_sees_in_it(client: Asking, name: str, monkeypatch) -> None:
    bits = {one["name"]: one["id"] for one in exchanges()["hook-triggers-admin"]["answer"]["response"]}
    monkeypatch.setattr("tests.contract.wire.routes.BITS", bits)
    response = EXCHANGES[name]["answer"]["response"]
    if name == "move-operation-told-already":
        assert told(client, name) is None
    else:
        assert told(client, name) == route_of(EXCHANGES[name]).read(response)


def test_most_of_what_was_recorded_is_read() -> None:
    assert len(EXCHANGES) >= 45
    assert {route_of(one).name for one in EXCHANGES.values()} >= {
        "GET files/file/1", "GET files/folder/1", "GET files/folder/1/path", "GET files/1", "GET files/rooms",
        "PUT files/fileops/move", "GET files/fileops", "GET people/@self", "GET keys/@self", "GET settings",
        "GET settings/webhook", "POST settings/webhook", "PUT settings/webhook", "GET settings/webhooks/log",
    }  # fmt: skip


def test_a_file_that_nobody_edits_is_not_edited(client: Asking) -> None:
    file = told(client, "file-get")
    assert (file.id, file.folder_id, file.title, file.version) == (6, 14, "Invoice third.pdf", 1)
    assert (file.editing, file.editing_by, file.locked_by_other, file.can_move) == (False, None, False, False)
    assert (file.room_id, file.room_title, file.root_folder_type) == (13, "Accounting", 14)
    assert file.created_at == datetime(2026, 11, 29, 20, 13, 16, 618314, tzinfo=UTC)


def test_a_file_that_somebody_edits_names_them(client: Asking) -> None:
    file = told(client, "move-file-being-edited")
    assert (file.editing, file.editing_by, file.size_bytes) == (True, "Move-Cli Example", 10)


def test_only_the_lock_of_another_names_its_user(client: Asking) -> None:
    other, own = told(client, "read-file-locked-by-other"), told(client, "read-file-locked-by-self")
    assert (other.locked, other.locked_by, other.locked_by_other) == (True, "Read-Us Example", True)
    assert (own.locked, own.locked_by, own.locked_by_other) == (True, None, False)


@pytest.mark.parametrize("name", ["read-file-in-timezone", "more-file-in-timezone-kolkata"])
def test_a_file_was_created_at_one_moment_whatever_the_portals_time_zone(client: Asking, name: str) -> None:
    assert entry_time(told(client, name).created_at) == "2026-11-29T20:49:03.053891Z"


def test_the_trash_and_the_archive_are_known_by_the_root(client: Asking) -> None:
    trashed, archived = told(client, "read-file-in-own-trash"), told(client, "more-archived-file")
    assert (trashed.in_trash, trashed.archived, trashed.room_id) == (True, False, None)
    assert (archived.in_trash, archived.archived, archived.room_id) == (False, True, 143)
    assert [folder.archived for folder in told(client, "more-archived-path")] == [True, True, True]


def test_a_path_tells_whole_folders(client: Asking) -> None:
    rooms, room = told(client, "read-folder-path")
    assert (rooms.id, rooms.title, rooms.room_type, rooms.parent_id) == (1, "Rooms", None, 0)
    assert (room.id, room.title, room.room_type, room.parent_id) == (21, "Read Acme", 5, 1)
    assert (room.in_trash, room.archived, room.is_form_room) == (False, False, False)


def test_a_page_of_files_tells_no_room(client: Asking) -> None:
    files, entries, total = told(client, "more-page-in-timezone-kolkata")
    assert ([file.id for file in files], entries, total) == ([1171], 1, 340)
    assert (files[0].room_id, files[0].room_title) == (None, None)


def test_a_finished_operation_tells_its_files(client: Asking) -> None:
    done = told(client, "move-operation-finished")
    assert (done.finished, done.progress, done.error, done.files) == (True, 100, "", (446,))


@pytest.mark.parametrize(
    ("name", "status"),
    [("more-settings-active", 0), ("more-settings-suspended", 1), ("more-settings-restoring", 4)],
)
def test_the_settings_tell_the_portals_state(client: Asking, name: str, status: int) -> None:
    client.portal.envelope = EXCHANGES[name]["answer"]
    settings = client.call("GET", "settings", wire.SettingsWire).info()
    assert (settings.is_docspace, settings.tenant_status, settings.version) == (True, status, "3.1.0")
    assert (settings.culture, settings.utc_offset) == ("en-US", "00:00:00")
