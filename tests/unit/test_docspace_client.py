import json
import socket
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.docspace.client import Client
from shared.docspace.errors import NotFoundError, PortalFaultError, TryLaterError, UnreachableError
from shared.docspace.state import Fault, State

KEY = "sk-very-secret"


class Portal(ThreadingHTTPServer):
    """Gives the prepared answers in turn, the last one again and again, and keeps the requests."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = []
        self.requests = []
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, response, status=200, **headers):
        body = response if isinstance(response, bytes) else json.dumps({"response": response}).encode()
        self.answers.append((status, body, headers))


class _Handler(BaseHTTPRequestHandler):
    server: Portal

    def _serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append((self.command, self.path, dict(self.headers), body))
        answers = self.server.answers
        status, content, headers = answers.pop(0) if len(answers) > 1 else answers[0]
        if status == 0:
            return  # the connection closes without an answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = _serve  # noqa: N815 # the base class's names

    def log_message(self, *args):
        pass


@pytest.fixture
def portal():
    server = Portal()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(portal):
    client = Client(portal.url + "/", KEY, pool_size=2, timeout_s=(1, 1))
    yield client
    client.close()


def test_a_file_is_asked_for_with_the_key_and_the_product_name(portal, client):
    portal.answer({"id": 1, "folderId": 2, "title": "x"})
    assert client.file(1).folder_id == 2
    method, path, headers, _ = portal.requests[0]
    assert (method, path) == ("GET", "/api/2.0/files/file/1")
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["User-Agent"] == "docspace-invoice-intake"


def test_an_id_cannot_leave_its_place_in_the_path(portal, client):
    portal.answer({"id": "s", "folderId": 2})
    client.file("sbox-1-|a/../b?c")
    assert portal.requests[0][1] == "/api/2.0/files/file/sbox-1-%7Ca%2F..%2Fb%3Fc"


def test_a_move_sends_exactly_the_body_that_keeps_its_result(portal, client):
    portal.answer([{"id": "op-1", "Operation": 0, "progress": 0, "finished": False}])
    assert client.move([5], 9).id == "op-1"
    method, path, _, body = portal.requests[0]
    assert (method, path) == ("PUT", "/api/2.0/files/fileops/move")
    assert json.loads(body) == {
        "folderIds": [],
        "fileIds": [5],
        "destFolderId": 9,
        "conflictResolveType": 2,
        "deleteAfter": False,
        "content": False,
        "toFillOut": False,
        "returnSingleOperation": True,
    }


def test_a_move_answered_without_an_operation_may_be_done(portal, client):
    portal.answer([])
    with pytest.raises(TryLaterError) as caught:
        client.move([5], 9)
    assert caught.value.maybe_done


@pytest.mark.parametrize(("status", "body"), [(200, b"<html>"), (408, b""), (500, b""), (503, b""), (504, b"")])
def test_after_an_answer_that_does_not_say_so_a_move_may_be_done(portal, client, status, body):
    portal.answer(body, status)
    with pytest.raises(TryLaterError) as caught:
        client.move([5], 9)
    assert caught.value.maybe_done


@pytest.mark.parametrize("status", [301, 400, 401, 402, 403, 404, 405, 429])
def test_after_a_refusal_a_move_is_not_done(portal, client, status):
    portal.answer(b"", status)
    with pytest.raises(TryLaterError) as caught:
        client.move([5], 9)
    assert not caught.value.maybe_done


def test_an_operation_is_asked_for_by_its_id_alone(portal, client):
    portal.answer([{"id": "op-1", "finished": True}])
    assert client.operation("op-1").finished
    assert portal.requests[0][1] == "/api/2.0/files/fileops?id=op-1"


def test_an_empty_list_is_an_unknown_operation(portal, client):
    portal.answer([])
    assert client.operation("op-1") is None


def test_a_path_runs_from_the_section_down(portal, client):
    portal.answer([{"id": 1, "title": "Rooms"}, {"id": 2, "title": "Client"}, {"id": 3, "title": "Inbox"}])
    assert [folder.id for folder in client.folder_path(3)] == [1, 2, 3]


def test_a_folder_tells_its_rights(portal, client):
    portal.answer(
        {"id": 2, "title": "Incoming", "parentId": 1, "roomType": 5, "security": {"Create": True, "MoveTo": False}}
    )
    folder = client.folder(2)
    assert (folder.can_create, folder.can_move_to, folder.room_type, folder.parent_id) == (True, False, 5, 1)


def test_the_key_knows_whose_it_is(portal, client):
    portal.answer({"id": "66faa6e4"})
    assert client.self_id() == "66faa6e4"


def test_a_file_is_found_by_its_exact_title_on_a_later_page(portal, client):
    others = [{"id": n, "folderId": 9, "title": "a.pdf copy"} for n in range(98)]
    portal.answer({"files": others, "folders": [{"id": 1}, {"id": 2}], "total": 101})
    last = {"id": 700, "folderId": 9, "title": "a.pdf"}
    portal.answer({"files": [*others[-15:], last], "folders": [], "total": 101})
    assert [file.id for file in client.find_files(9, "a.pdf")] == [700]
    first, second = (parse_qs(urlsplit(path).query) for _, path, _, _ in portal.requests)
    assert (first["startIndex"], second["startIndex"], first["count"]) == (["0"], ["85"], ["100"])
    assert first["withSubFolders"] == ["false"]


@pytest.mark.parametrize("total", [1, None])
def test_of_a_title_that_is_nowhere_nothing_is_found(portal, client, total):
    portal.answer({"files": [{"id": 1, "folderId": 9, "title": "b.pdf"}], "folders": [], "total": total})
    assert client.find_files(9, "a.pdf") == []
    assert len(portal.requests) == 1


def test_a_listing_ends_at_the_first_that_is_too_old_and_not_in_third_party_storage(portal, client):
    def files(folder, *days):
        return [
            {"id": f"{folder}-{day}", "folderId": folder, "title": "a", "updated": f"2026-07-{day:02}T00:00:00Z"}
            for day in days
        ]

    since = datetime(2026, 7, 10, tzinfo=UTC)
    portal.answer({"files": files(9, 20, 12, 5), "folders": [], "total": 300})
    assert [file.id for file in chain.from_iterable(client.files_below(9, since))] == ["9-20", "9-12"]
    assert len(portal.requests) == 1
    portal.answers.clear()
    portal.answer({"files": files("sbox-1", 5), "folders": [], "total": 2})
    portal.answer({"files": files("sbox-1", 5, 20), "folders": [], "total": 2})
    assert [file.id for file in chain.from_iterable(client.files_below("sbox-1", since))] == ["sbox-1-20"]


def asked(portal):
    return [path.removeprefix("/api/2.0/") for _, path, _, _ in portal.requests]


def test_a_missing_file_is_not_found_if_the_portal_works_and_takes_the_key(portal, client):
    portal.answer(b'{"error":{"message":"The required file was not found"}}', 404)
    portal.answer({"docSpace": True, "tenantStatus": 0})
    portal.answer({"permissions": []})
    with pytest.raises(NotFoundError, match="The required file was not found"):
        client.file(1)
    assert asked(portal) == ["files/file/1", "settings", "keys/@self"]


def test_whether_the_portal_works_is_asked_without_the_key(portal, client):
    portal.answer({"docSpace": True, "tenantStatus": 0})
    portal.answer({"permissions": ["files:read"]})
    assert client.state() == State(permissions=("files:read",))
    settings, key = (headers for _, _, headers, _ in portal.requests)
    assert "Authorization" not in settings
    assert key["Authorization"] == f"Bearer {KEY}"


def test_a_redirect_is_an_error_and_is_not_followed(portal, client):
    portal.answer(b"", 302, Location="/elsewhere")
    portal.answer({"docSpace": True, "tenantStatus": 0})
    portal.answer({"permissions": []})
    with pytest.raises(TryLaterError, match="redirect") as caught:
        client.file(1)
    assert not isinstance(caught.value, PortalFaultError)
    assert asked(portal) == ["files/file/1", "settings", "keys/@self"]


def test_redirects_alone_are_something_else_than_the_portal(portal, client):
    portal.answer(b"", 302, Location="/elsewhere")
    with pytest.raises(PortalFaultError, match=r"something else than the portal answers \(302"):
        client.file(1)
    assert asked(portal) == ["files/file/1", "settings"]


def test_cookies_are_not_kept(portal, client):
    portal.answer({"id": "u"}, Set_Cookie="asc_auth_key=1; path=/")
    client.self_id()
    client.self_id()
    assert "Cookie" not in portal.requests[1][2]


def test_a_refused_connection_was_surely_not_done():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    client = Client(f"http://127.0.0.1:{port}", KEY, pool_size=1)
    with pytest.raises(UnreachableError, match="Connection refused") as caught:
        client.move([1], 2)
    assert not caught.value.maybe_done
    assert " at 0x" not in str(caught.value)


def test_a_connection_cut_after_sending_may_be_done(portal, client):
    portal.answer(b"", 0)
    with pytest.raises(UnreachableError) as caught:
        client.move([1], 2)
    assert caught.value.maybe_done


def test_a_read_timeout_may_be_done():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = Client(f"http://127.0.0.1:{silent.getsockname()[1]}", KEY, pool_size=1, timeout_s=(1, 0.05))
        with pytest.raises(UnreachableError, match="in time") as caught:
            client.move([1], 2)
        client.close()
    assert caught.value.maybe_done


def test_the_key_shows_in_no_error_and_no_repr(portal, client):
    portal.answer(b"", 500)
    with pytest.raises(TryLaterError) as caught:
        client.file(1)
    assert KEY not in repr(client) + str(caught.value) + repr(caught.value)


@pytest.mark.parametrize("key", ["sk-secret\nX: y", "sk-sécret"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(key):
    with pytest.raises(ValueError, match="API key") as caught:
        Client("http://127.0.0.1", key, pool_size=1)
    assert "cret" not in str(caught.value)


def test_a_proxy_that_the_environment_names_is_asked(portal, monkeypatch):
    monkeypatch.setenv("http_proxy", portal.url)
    portal.answer({"id": "someone"})
    assert Client("http://portal.example", KEY, pool_size=1).self_id() == "someone"
    _, asked, headers, _ = portal.requests[0]
    assert asked == "http://portal.example/api/2.0/people/@self"
    assert headers["Authorization"] == f"Bearer {KEY}"


def test_certificates_that_are_gone_are_a_portal_that_cannot_be_reached(portal, monkeypatch, tmp_path):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))
    client = Client(portal.url.replace("http:", "https:"), KEY, pool_size=1)
    with pytest.raises(UnreachableError, match=r"gone\.pem"):
        client.file(1)
    assert client.state().fault is Fault.UNREACHABLE
