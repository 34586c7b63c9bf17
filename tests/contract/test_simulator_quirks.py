"""What DocSpace does that its documentation does not say, held against a running simulator."""

import http.server
import json
import smtplib
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from simulator import seed, signature
from simulator.server import Simulator
from simulator.settings import Settings

SECRET = "Simulator-Secret-1"
BOTH = 128 + 256


class Receiver:
    """Answers with the statuses it was given in turn, the last one for ever, and keeps what came."""

    def __init__(self):
        self.answers = [200]
        self.head = 200
        self.posts = []
        self.heads = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_HEAD(self):
                outer.heads += 1
                self.send_response(outer.head)
                self.end_headers()

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.posts.append((dict(self.headers.items()), body))
                answer = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                self.send_response(answer)
                if 300 <= answer < 400:
                    self.send_header("Location", outer.url + "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def bodies(self):
        return [json.loads(body) for _, body in self.posts]


class Portal:
    """A client that says only what a test needs to say."""

    def __init__(self, simulator, key="sk-simulator"):
        self.url = simulator.url
        self.key = key

    def call(self, method, path, key=None, **more):
        headers = {"Authorization": f"Bearer {key or self.key}"}
        with requests.Session() as session:
            return session.request(method, f"{self.url}/api/2.0/{path}", headers=headers, timeout=10, **more)

    def own(self, method, path, **more):
        with requests.Session() as session:
            answer = session.request(method, f"{self.url}/{path}", timeout=10, **more)
        assert answer.ok, answer.text
        return answer.json()

    def upload(self, name="Invoice 1.pdf", kind="chunked", folder=seed.CLIENT_ROOM, data=b"%PDF"):
        query = {"name": name, "kind": kind, "folder": folder}
        return self.own("POST", "simulator/upload", params=query, data=data)["id"]

    def file(self, file_id):
        answer = self.call("GET", f"files/file/{requests.utils.quote(str(file_id), safe='')}")
        return answer.json()["response"] if answer.ok else answer.status_code

    def move(self, *file_ids, dest=seed.INCOMING, key=None, **more):
        body = {"fileIds": list(file_ids), "destFolderId": dest, "returnSingleOperation": True, **more}
        return self.call("PUT", "files/fileops/move", key=key, json=body)

    def finished(self, answer):
        """The finished operation, read by its id."""
        assert answer.status_code == 200, answer.text
        operation = answer.json()["response"][0]["id"]

        def read():
            found = self.call("GET", "files/fileops", params={"id": operation}).json()["response"]
            return found[0] if found and found[0]["finished"] else None

        return until(read)

    def faults(self, **faults):
        self.own("PUT", "simulator/faults", json=faults)

    def state(self):
        return self.own("GET", "simulator/state")


def until(read, within_s=10.0):
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        value = read()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"not within {within_s} s")


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def simulator(receiver):
    settings = Settings(
        port=0, smtp_port=0, webhook_url=receiver.url + "/hook", webhook_secret=SECRET,
        operation_ms=20, webhook_retry_base_s=0.01, webhook_poll_ms=5,
    )  # fmt: skip
    simulator = Simulator(settings)
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def portal(simulator):
    return Portal(simulator)


# Signatures and bodies


@pytest.mark.parametrize(
    ("secret", "body", "expected"),
    [
        (
            "test123!@#%ABC",
            (
                '{"event":{"id":42,"createOn":"2026-09-16T10:30:00Z","createBy":"c9b1f0e2-3a4b-4c5d-8e9f-0a1b2c3d4e5f",'
                '"trigger":"file.created","triggerId":128},"payload":{"id":1001,"pureTitle":"Q3 report.docx",'
                '"fileEntryType":1},"webhook":{"id":7,"name":"ci","url":"https://example.com/hooks",'
                '"triggers":["file.created"]}}'
            ),
            "sha256=E87CD656882927F296A70F1B7A67F83F9F70D7F087A108088E7B5CE223B3088E",
        ),
        (
            "test123!@#%ABC",
            '{"payload":{"pureTitle":"Отчёт.docx"}}',
            "sha256=08EF5457202BA6E1E7D023B9C1975755B307BB10D49A09F0675A2FB97065E0CC",
        ),
    ],
)
def test_the_published_vectors_sign_as_published(secret, body, expected):
    assert signature.sign(secret, body.encode()) == expected


def test_a_simple_upload_fires_created_and_then_uploaded_with_two_event_ids(portal, receiver):
    file_id = portal.upload(kind="simple")
    until(lambda: len(receiver.posts) == 2)
    created, uploaded = sorted(receiver.bodies(), key=lambda body: body["event"]["id"])
    assert (created["event"]["trigger"], created["event"]["triggerId"]) == ("file.created", 128)
    assert (uploaded["event"]["trigger"], uploaded["event"]["triggerId"]) == ("file.uploaded", 256)
    assert created["payload"] == uploaded["payload"]
    assert created["payload"]["id"] == file_id


def test_a_chunked_upload_fires_uploaded_alone(portal, receiver):
    portal.upload(kind="chunked")
    portal.upload(name="second.pdf", kind="chunked")
    until(lambda: len(receiver.posts) == 2)
    assert [body["event"]["trigger"] for body in receiver.bodies()] == ["file.uploaded"] * 2


def test_a_first_body_leaves_out_defaults_and_names_the_section_as_root(portal, receiver):
    portal.upload(name="Счёт.pdf", folder=seed.CLIENT_SUBFOLDER)
    until(lambda: receiver.posts)
    headers, body = receiver.posts[0]
    assert b"\\u0421\\u0447" in body
    assert body.isascii()
    parsed = json.loads(body)
    assert parsed["payload"]["rootId"] == seed.ROOMS
    assert parsed["payload"]["parentId"] == seed.CLIENT_SUBFOLDER
    assert parsed["payload"]["securityByUsers"] == {}
    assert "retryCount" not in parsed["webhook"]
    assert {"version", "contentLength", "roomId", "folderId"}.isdisjoint(parsed["payload"])
    assert headers["Accept"] == "*/*"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert "User-Agent" not in headers


def test_retries_differ_in_body_and_signature_keep_the_event_id_and_all_verify(portal, receiver):
    receiver.answers = [500, 302, 200]
    portal.upload()
    until(lambda: len(receiver.posts) == 3)
    bodies = [body for _, body in receiver.posts]
    signatures = [headers["x-docspace-signature-256"] for headers, _ in receiver.posts]
    assert len(set(bodies)) == len(set(signatures)) == 3
    assert [signature.sign(SECRET, body) for body in bodies] == signatures
    assert all(value.removeprefix("sha256=").isupper() for value in signatures)
    assert len({body["event"]["id"] for body in receiver.bodies()}) == 1
    assert [body["webhook"].get("retryCount") for body in receiver.bodies()] == [None, 1, 2]
    assert "500" in receiver.bodies()[1]["webhook"]["lastFailureContent"]


def test_a_delivery_is_given_up_after_six_attempts_and_each_is_recorded(portal, receiver):
    receiver.answers = [503]
    portal.upload()
    attempts = until(lambda: (found := portal.state()["deliveries"]) and len(found) == 6 and found)
    assert [(attempt["attempt"], attempt["status"]) for attempt in attempts] == [(n, 503) for n in range(6)]


def test_a_last_410_deletes_the_webhook(portal, receiver):
    receiver.answers = [410]
    portal.upload()
    until(lambda: not portal.state()["webhooks"])
    assert len(receiver.posts) == 6


def test_a_manual_retry_has_a_new_event_id_and_the_old_event(portal, receiver):
    portal.upload()
    until(lambda: receiver.posts)
    log = until(lambda: portal.call("GET", "settings/webhooks/log").json()["response"])
    assert portal.call("PUT", f"settings/webhook/{log[0]['id']}/retry").ok
    until(lambda: len(receiver.posts) == 2)
    first, second = receiver.bodies()
    assert first["event"].pop("id") != second["event"].pop("id")
    assert first["event"] == second["event"]


def test_a_webhook_gets_only_the_triggers_it_asked_for(portal, receiver):
    file_id = portal.upload()
    portal.finished(portal.move(file_id))
    portal.upload(name="next.pdf")
    until(lambda: len(receiver.posts) == 2)
    assert {body["event"]["trigger"] for body in receiver.bodies()} == {"file.uploaded"}


@pytest.mark.parametrize("status", [302, 401, 404, 500])
def test_creating_a_webhook_needs_a_2xx_to_head(portal, receiver, status):
    receiver.head = status
    body = {"name": "n", "uri": receiver.url, "secretKey": SECRET, "enabled": True, "triggers": BOTH}
    assert portal.call("POST", "settings/webhook", json=body).status_code == 400
    receiver.head = 200
    assert portal.call("POST", "settings/webhook", json=body).status_code == 200
    assert receiver.heads == 2


def test_enabling_a_webhook_checks_head_again(portal, receiver):
    hook = portal.state()["webhooks"][0]
    off = {**hook, "enabled": False}
    assert portal.call("PUT", "settings/webhook/enable", json=off).ok
    receiver.head = 500
    assert portal.call("PUT", "settings/webhook/enable", json={**off, "enabled": True}).status_code == 400
    assert portal.state()["webhooks"][0]["enabled"] is False


# Operations


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


# Rights and refusals


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


# Faults


def test_a_rate_limit_says_when_to_come_back(portal):
    portal.faults(
        status=[{"method": "GET", "path_contains": "people", "code": 429, "times": 1, "ratelimit_reset": 7}]
    )
    answer = portal.call("GET", "people/@self")
    shown = {name: value for name, value in answer.headers.items() if name.lower().startswith("x-ratelimit")}
    assert answer.status_code == 429
    assert sorted(shown.values()) == ["0", "1500", "7"]
    assert "Retry-After" not in answer.headers
    assert portal.call("GET", "people/@self").status_code == 200


def test_a_portal_that_is_down_answers_503(portal):
    portal.faults(portal_down=True)
    assert portal.call("GET", "people/@self").status_code == 503
    portal.own("DELETE", "simulator/faults")
    assert portal.call("GET", "people/@self").status_code == 200


@pytest.mark.parametrize("moves", [True, False])
def test_a_lost_operation_is_never_returned(portal, moves):
    portal.faults(operation_lost=True, operation_lost_moves=moves)
    file_id = portal.upload()
    operation = portal.move(file_id).json()["response"][0]["id"]
    until(lambda: portal.state()["counts"]["operations"] == 0)
    assert portal.call("GET", "files/fileops", params={"id": operation}).json()["response"] == []
    assert portal.file(file_id)["folderId"] == (seed.INCOMING if moves else seed.CLIENT_ROOM)


@pytest.mark.parametrize(("fault", "error"), [({"silent_noop": True}, ""), ({"operation_error": "quota"}, "quota")])
def test_an_operation_can_end_without_having_moved(portal, fault, error):
    portal.faults(**fault)
    file_id = portal.upload()
    assert portal.finished(portal.move(file_id))["error"] == error
    assert portal.file(file_id)["folderId"] == seed.CLIENT_ROOM


@pytest.mark.parametrize(("fault", "moved"), [("drop_connection", 0), ("drop_answer", 1)])
def test_a_dropped_call_gets_no_answer(portal, fault, moved):
    file_id = portal.upload()
    portal.faults(**{fault: 1})
    with pytest.raises(requests.ConnectionError):
        portal.move(file_id)
    until(lambda: portal.state()["counts"]["operations"] == moved or portal.state()["moves"])
    assert portal.call("GET", "people/@self").status_code == 200


def test_unknown_faults_are_refused(portal):
    with requests.Session() as session:
        answer = session.put(f"{portal.url}/simulator/faults", json={"nonsense": 1}, timeout=10)
    assert answer.status_code == 400
    assert "nonsense" in answer.json()["error"]["message"]


# The mailbox and the page


def send(simulator):
    with smtplib.SMTP("127.0.0.1", simulator.smtp_port, timeout=10) as smtp:
        smtp.sendmail("from@x.example", ["to@x.example"], "Subject: Hello\nMessage-ID: <1@x>\n\nText")


def test_a_mail_is_kept_and_can_be_cleared(simulator, portal):
    send(simulator)
    mail = portal.state()["mails"][0]
    assert (mail["message_id"], mail["to"], mail["subject"], mail["text"].strip()) == (
        "<1@x>", ["to@x.example"], "Hello", "Text",
    )  # fmt: skip
    portal.own("DELETE", "simulator/mails")
    assert portal.state()["mails"] == []


def test_recipients_can_be_refused_a_number_of_times(simulator, portal):
    portal.faults(smtp={"code": 451, "times": 1})
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(simulator)
    send(simulator)
    assert portal.state()["counts"]["mails"] == 1


def test_a_mail_server_that_is_down_closes_the_connection(simulator, portal):
    portal.faults(smtp_down=True)
    with pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
        send(simulator)


def test_the_link_of_a_file_opens_a_page_that_escapes_its_title(portal):
    file_id = portal.upload(name="<img src=x>.pdf")
    with requests.Session() as session:
        answer = session.get(portal.file(file_id)["webUrl"], timeout=10)
    assert answer.status_code == 200
    assert "&lt;img src=x&gt;.pdf" in answer.text
    assert "<img" not in answer.text


def test_a_reset_brings_back_the_seed(portal):
    portal.upload()
    portal.own("POST", "simulator/reset")
    state = portal.state()
    assert (state["files"], state["moves"], len(state["webhooks"])) == ([], [], 1)


def test_uploads_from_many_threads_get_an_id_each(portal, receiver):
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda n: portal.upload(name=f"Invoice {n}.pdf"), range(40)))
    assert len(ids) == 40
    until(lambda: len(receiver.posts) == 40)


def test_stopping_frees_the_port():
    simulator = Simulator(Settings(port=0, smtp_port=0, webhook_url=""))
    simulator.start()
    port = int(simulator.url.rpartition(":")[2])
    simulator.stop()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
