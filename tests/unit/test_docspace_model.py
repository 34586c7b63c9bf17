from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.docspace import model, wire
from shared.docspace.errors import TryLaterError

FILE = b"""{"response":{"id":748301,"folderId":86193,"title":"Invoice 7.pdf","version":2,"versionGroup":1,
"contentLength":"18.2 KB","pureContentLength":18637,"fileStatus":3,"editingBy":"Ann","locked":true,"lockedBy":"Ben",
"webUrl":"https://p/doceditor?fileId=748301","createdBy":{"id":"u-1","displayName":"Client"},"rootFolderType":14,
"updated":"2026-07-02T11:14:30.0000000+02:00","updatedBy":{"id":"u-2"},"security":{"Read":true,"Move":false}},"count":1,"status":0,"statusCode":200}"""


def read(body, kind=wire.FileWire):
    return wire.response(body, kind, "GET files/file/1").info()


def test_every_field_of_a_file_is_read():
    assert read(FILE) == model.FileInfo(
        id=748301,
        title="Invoice 7.pdf",
        folder_id=86193,
        version=2,
        web_url="https://p/doceditor?fileId=748301",
        created_by="u-1",
        created_by_name="Client",
        modified_at=datetime(2026, 7, 2, 9, 14, 30, tzinfo=UTC),
        modified_by="u-2",
        locked=True,
        locked_by="Ben",
        editing=True,
        editing_by="Ann",
        can_move=False,
        size_bytes=18637,
        root_folder_type=14,
    )


def test_what_the_portal_leaves_out_is_unknown_not_false():
    file = read(
        b'{"response":{"id":"sbox-1-|a","folderId":"sbox-1","security":null,"createdBy":null,"locked":null}}'
    )
    assert (file.can_move, file.created_by, file.locked, file.version) == (None, None, False, 1)


def test_new_without_editing_is_not_editing():
    assert not read(b'{"response":{"id":1,"folderId":2,"fileStatus":2}}').editing


def test_a_file_in_the_trash_is_known_by_its_root():
    assert read(b'{"response":{"id":1,"folderId":2,"rootFolderType":3}}').in_trash


@pytest.mark.parametrize("word", ["Operation", "operation"])
@pytest.mark.parametrize("operation_id", ['"7f"', '"12"', "12"])
def test_an_operation_is_read_in_either_spelling(word, operation_id):
    body = (
        f'{{"response":{{"id":{operation_id},"{word}":0,"progress":100,"error":"","processed":"1","finished":true,'
    )
    body += '"url":null,"files":[{"id":5,"title":"x"}],"folders":[],"status":2}}'
    assert read(body.encode(), wire.OperationWire) == model.Operation(
        id=operation_id.strip('"'), finished=True, progress=100, processed="1", files=(5,)
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Bad gateway</html>",
        b"[]",
        b'{"count":0}',
        b'{"response":null}',
        b'{"response":{"id":1}}',
        b"\xff",
    ],
)
def test_an_answer_of_another_shape_is_tried_later_and_names_its_route(body):
    with pytest.raises(TryLaterError, match="GET files/file/1") as caught:
        read(body)
    assert caught.value.maybe_done


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 11, 29, 20, 35, 12, 163054, tzinfo=UTC), "2026-11-29T20:35:12.163054Z"),
        (datetime(2026, 11, 29, 20, 35, 12, tzinfo=UTC), "2026-11-29T20:35:12.000000Z"),
        (datetime(2026, 11, 30, 2, 5, 12, 7, tzinfo=timezone(timedelta(hours=5.5))), "2026-11-29T20:35:12.000007Z"),
    ],
)
def test_a_time_is_written_in_utc_to_the_microsecond(at, text):
    assert model.entry_time(at) == text


@pytest.mark.parametrize(
    ("said", "editing", "by"),
    [
        ("{}", False, None),
        ('{"u-1":"Ann","u-2":"Ben"}', True, "Ann, Ben"),
        ('{"u-1":null}', True, None),
        ('["Ann","Ben"]', True, "Ann, Ben"),
        ('"Ann"', True, "Ann"),
        ("7", False, None),
    ],
)
def test_who_edits_is_told_by_name_however_the_portal_spells_it(said, editing, by):
    file = read(f'{{"response":{{"id":1,"folderId":2,"fileStatus":2,"editingBy":{said}}}}}'.encode())
    assert (file.editing, file.editing_by) == (editing, by)


def test_a_room_for_forms_is_known_by_its_type():
    assert [model.FolderInfo(id=1, title="a", room_type=kind).is_form_room for kind in (1, 5, None)] == [
        True,
        False,
        False,
    ]
