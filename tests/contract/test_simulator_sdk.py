"""ONLYOFFICE's own client reads what the simulator answers.

Three things of docspace-api-sdk 3.7.0 are worked around here. It sends no Authorization on some routes
(get_file_info, get_folder_info, get_folder_by_folder_id, update_file, get_operation_statuses), so the header is
set for all of them. It knows conflictResolveType by name alone, so names are sent. It reads no 201, with which an
upload in chunks ends, so those answers are read from their bytes.
"""

import http.server
import threading
import time
import warnings

import pytest
import requests

from simulator.portal import seed
from simulator.server import Simulator
from simulator.settings import Settings
from tests.support.waiting import wait_until

with warnings.catch_warnings():
    warnings.simplefilter("ignore", UserWarning)  # a field of the sdk's shadows one of pydantic's
    import docspace_api_sdk as sdk


@pytest.fixture(scope="module")
def simulator():
    simulator = Simulator(Settings(port=0, smtp_port=0, webhook_url="", operation_ms=20))
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture(scope="module")
def client(simulator):
    client = sdk.ApiClient(sdk.Configuration(host=simulator.url))
    client.set_default_header("Authorization", "Bearer sk-simulator")
    yield client
    client.rest_client.pool_manager.clear()


@pytest.fixture
def file_id(simulator):
    with requests.Session() as session:
        query = {"name": f"Invoice {time.monotonic_ns()}.pdf", "folder": seed.CLIENT_ROOM}
        answer = session.post(f"{simulator.url}/simulator/upload", params=query, data=b"%PDF", timeout=10)
    return answer.json()["id"]


@pytest.fixture
def receiver():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response(200)
            self.end_headers()

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_sdk_reads_a_file(client, file_id):
    file = sdk.FilesApi(client).get_file_info(file_id).response
    assert (file.id, file.folder_id, file.root_folder_id, file.version) == (
        file_id,
        seed.CLIENT_ROOM,
        seed.ROOMS,
        1,
    )
    assert (file.pure_content_length, file.created_by.display_name) == (4, seed.CLIENT.display_name)
    assert file.security.move is True
    assert file.web_url.endswith(f"/doceditor?fileid={file_id}&version=1")


def test_the_sdk_renames_and_locks_a_file(client, file_id):
    files = sdk.FilesApi(client)
    assert files.update_file(file_id, sdk.UpdateFile(title="Renamed.pdf")).response.title == "Renamed.pdf"
    assert files.lock_file(file_id, sdk.LockFileParameters(lockFile=True)).response.locked is True
    assert files.lock_file(file_id, sdk.LockFileParameters(lockFile=False)).response.locked is None


def test_the_sdk_deletes_a_file(client, file_id):
    files = sdk.FilesApi(client)
    operation = files.delete_file(file_id, sdk.Delete(deleteAfter=False, immediately=True)).response[0]
    assert int(operation.operation) == 2

    def is_gone():
        try:
            return files.get_file_info(file_id) is None
        except sdk.exceptions.NotFoundException:
            return True

    wait_until(is_gone, 10, "the file to be gone")


def test_the_sdk_moves_a_file_and_reads_the_operation(client, file_id):
    operations = sdk.OperationsApi(client)
    request = sdk.BatchRequestDto(
        fileIds=[sdk.BatchRequestDtoAllOfFileIds(file_id)],
        folderIds=[],
        destFolderId=sdk.BatchRequestDtoAllOfDestFolderId(seed.INCOMING),
        conflictResolveType=sdk.FileConflictResolveType.DUPLICATE,
        deleteAfter=False,
        returnSingleOperation=True,
    )
    queued = operations.move_batch_items(request).response
    assert [(int(operation.operation), operation.finished) for operation in queued] == [(0, False)]

    def finished():
        found = operations.get_operation_statuses(id=queued[0].id).response
        return found[0] if found and found[0].finished else None

    done = wait_until(finished, 10, "the operation to end")
    assert (done.error, done.progress, len(done.files)) == ("", 100, 1)
    assert sdk.FilesApi(client).get_file_info(file_id).response.folder_id == seed.INCOMING


def test_the_sdk_reads_operations_by_type(client):
    operations = sdk.OperationsApi(client)
    assert operations.get_operation_statuses_by_type(sdk.FileOperationType.Move).response == []


def test_the_sdk_reads_folders_their_path_and_their_contents(client, file_id):
    folders = sdk.FoldersApi(client)
    room = folders.get_folder_info(seed.CLIENT_ROOM).response
    assert (room.id, int(room.room_type), room.root_folder_id) == (seed.CLIENT_ROOM, 5, seed.ROOMS)
    path = folders.get_folder_path(seed.CLIENT_SUBFOLDER).response
    assert [step.title for step in path] == ["Rooms", "Acme Ltd", "2026"]
    listing = folders.get_folder_by_folder_id(seed.CLIENT_ROOM, count=1, start_index=0).response
    assert (listing.current.id, listing.count) == (seed.CLIENT_ROOM, 1)
    assert listing.total > 1


def test_the_sdk_creates_a_folder(client):
    folder = sdk.FoldersApi(client).create_folder(seed.INCOMING, sdk.CreateFolder(title="Paid")).response
    assert (folder.title, folder.parent_id) == ("Paid", seed.INCOMING)


def test_the_sdk_lists_only_the_folders_of_a_room_by_title(client, file_id):
    folders = sdk.FoldersApi(client)
    for title in ("Zeta", "alpha"):
        folders.create_folder(seed.OTHER_CLIENT_ROOM, sdk.CreateFolder(title=title))
    wanted = {"filter_type": sdk.FilterType.FoldersOnly, "with_sub_folders": False, "sort_by": "AZ"}
    found = folders.get_folder_by_folder_id(seed.OTHER_CLIENT_ROOM, **wanted).response
    assert ([folder.title for folder in found.folders], found.files) == (["alpha", "Zeta"], [])
    one = folders.get_folder_by_folder_id(seed.OTHER_CLIENT_ROOM, filter_value="LPH", **wanted).response
    assert [folder.title for folder in one.folders] == ["alpha"]


def test_the_sdk_pages_and_filters_rooms(client):
    rooms = sdk.RoomsApi(client)
    by_title = {"count": 2, "sort_by": "AZ"}
    first = rooms.get_rooms_folder(start_index=0, **by_title).response
    second = rooms.get_rooms_folder(start_index=2, **by_title).response
    titles = [room.title for page in (first, second) for room in page.folders]
    assert titles == sorted(titles, key=str.casefold)
    assert (len(titles), first.total) == (4, second.total)
    found = rooms.get_rooms_folder(filter_value="acm").response.folders
    assert [room.title for room in found] == ["Acme Ltd"]


def test_the_sdk_may_not_create_a_folder_where_its_user_only_reads(simulator):
    reader = sdk.ApiClient(sdk.Configuration(host=simulator.url))
    reader.set_default_header("Authorization", f"Bearer {seed.NO_RIGHTS_KEY}")
    with pytest.raises(sdk.exceptions.ForbiddenException):
        sdk.FoldersApi(reader).create_folder(seed.CLIENT_ROOM, sdk.CreateFolder(title="Incoming"))
    reader.rest_client.pool_manager.clear()


def test_the_sdk_uploads_and_inserts(client):
    folders = sdk.FoldersApi(client)
    uploaded = folders.upload_file(seed.CLIENT_ROOM, file=("sdk upload.pdf", b"%PDF-1")).response
    assert [(file.title, file.pure_content_length) for file in uploaded] == [("sdk upload.pdf", 6)]
    inserted = folders.insert_file(
        seed.CLIENT_ROOM, insert_file_file=("x.pdf", b"%PDF"), insert_file_title="sdk insert.pdf"
    ).response
    assert inserted.title == "sdk insert.pdf"


def created(answer):
    assert answer.status == 201
    return sdk.UploadSessionResponseIntegerWrapper.from_json(answer.data.decode()).response


def test_the_sdk_uploads_in_one_session(client):
    operations = sdk.OperationsApi(client)
    request = sdk.SessionRequest(fileName="one session.pdf", fileSize=4)
    with pytest.warns(DeprecationWarning, match="create_session is deprecated"):
        session = operations.create_upload_session(seed.CLIENT_ROOM, request).response.data
    assert session.bytes_total == 4
    done = created(
        operations.upload_session_without_preload_content(seed.CLIENT_ROOM, session.id, file=("blob", b"%PDF"))
    )
    assert (done.uploaded, done.title, done.file.folder_id) == (True, "one session.pdf", seed.CLIENT_ROOM)


def test_the_sdk_uploads_chunks_and_finalizes(client):
    operations = sdk.OperationsApi(client)
    request = sdk.SessionRequest(fileName="chunks.pdf", fileSize=8)
    session = operations.create_upload_session_in_folder(seed.CLIENT_ROOM, request).response
    for number, chunk in ((2, b"half"), (1, b"%PDF")):
        operations.upload_async_session(seed.CLIENT_ROOM, session.id, chunk_number=number, file=("blob", chunk))
    done = created(operations.finalize_session_without_preload_content(seed.CLIENT_ROOM, session.id))
    assert (done.uploaded, done.file.pure_content_length) == (True, 8)


def test_the_sdk_aborts_a_session(client):
    operations = sdk.OperationsApi(client)
    request = sdk.SessionRequest(fileName="never.pdf", fileSize=8)
    session = operations.create_upload_session_in_folder(seed.CLIENT_ROOM, request).response
    operations.abort_upload_session(session.id, seed.CLIENT_ROOM)
    with pytest.raises(sdk.exceptions.NotFoundException):
        operations.finalize_session(seed.CLIENT_ROOM, session.id)


def test_the_sdk_lists_and_creates_rooms(client):
    rooms = sdk.RoomsApi(client)
    made = rooms.create_room(sdk.CreateRoomRequestDto(title="Initech", roomType=sdk.RoomType.CustomRoom)).response
    assert (made.title, int(made.room_type), made.in_room) == ("Initech", 5, True)
    titles = {room.title for room in rooms.get_rooms_folder().response.folders}
    assert {"Acme Ltd", "Globex", "Accounting", "Initech"} <= titles


def test_the_sdk_reads_who_is_calling_and_with_which_key(client):
    assert str(sdk.ProfilesApi(client).get_self_profile().response.id) == seed.SERVICE.id
    keys = sdk.ApiKeysApi(client)
    assert keys.get_api_key().response.is_active is True
    assert "files:write" in keys.get_all_permissions().response


def test_the_sdk_manages_webhooks_and_reads_their_log(client, receiver, simulator):
    hooks = sdk.WebhooksApi(client)
    wanted = {
        "name": "sdk", "uri": receiver, "secretKey": "Secret-of-sdk-1", "enabled": True,
        "triggers": sdk.WebhookTrigger.FileUploaded,
    }  # fmt: skip
    made = hooks.create_webhook(sdk.CreateWebhooksConfigRequestsDto(**wanted)).response
    assert (made.name, made.uri, made.enabled) == ("sdk", receiver, True)
    assert made.id in {found.configs.id for found in hooks.get_tenant_webhooks().response}
    works = sdk.UpdateWebhooksConfigRequestsDto(**{**wanted, "id": made.id, "ssl": False})
    assert hooks.update_webhook(works).response.ssl is False
    with requests.Session() as session:
        session.post(f"{simulator.url}/simulator/upload", params={"name": "log.pdf"}, data=b"%PDF", timeout=10)
    row = wait_until(
        lambda: next((row for row in hooks.get_webhooks_logs().response if row.status == 200), None),
        10,
        "an answer in the log",
    )
    assert int(row.trigger) == 256
    assert hooks.retry_webhook(row.id).response.id != row.id
    assert len(hooks.retry_webhooks(sdk.WebhookRetryRequestsDto(ids=[row.id])).response) == 1
    changed = sdk.UpdateWebhooksConfigRequestsDto(**{**wanted, "id": made.id, "name": "sdk 2", "ssl": False})
    assert hooks.update_webhook(changed).response.name == "sdk 2"
    off = sdk.UpdateWebhooksConfigRequestsDto(**{**wanted, "id": made.id, "enabled": False})
    assert hooks.enable_webhook(off).response.enabled is False
    assert {"*", "file.uploaded"} <= {trigger.name for trigger in hooks.get_webhook_triggers().response}
    assert hooks.remove_webhook(made.id).response.id == made.id


def test_the_sdk_tells_a_missing_file_from_a_forbidden_one(client, simulator, file_id):
    with pytest.raises(sdk.exceptions.NotFoundException):
        sdk.FilesApi(client).get_file_info(1)
    other = sdk.ApiClient(sdk.Configuration(host=simulator.url))
    other.set_default_header("Authorization", f"Bearer {seed.NO_RIGHTS_KEY}")
    with pytest.raises(sdk.exceptions.ForbiddenException):
        sdk.FoldersApi(other).get_folder_info(seed.INCOMING)
    other.rest_client.pool_manager.clear()
