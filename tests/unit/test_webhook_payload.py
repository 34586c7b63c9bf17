"""Reading a webhook's body, today's shape and the coming one."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.docspace.payload import MissingEntryError, parse
from shared.errors import PermanentError

ACTOR = "66faa6e4-f133-11ea-b126-00ffeec8b4ef"

TODAY = b"""{"event":{"id":18231,"createOn":"2026-07-02T09:14:31Z",
"createBy":"66faa6e4-f133-11ea-b126-00ffeec8b4ef","trigger":"file.uploaded","triggerId":256},
"payload":{"id":748301,"parentId":86193,"securityByUsers":{},"folderIdDisplay":86193,"rootId":52817,
"title":"Invoice 2026-0714.pdf","createBy":"66faa6e4-f133-11ea-b126-00ffeec8b4ef",
"modifiedBy":"66faa6e4-f133-11ea-b126-00ffeec8b4ef","createOn":"2026-07-02T09:14:30Z",
"modifiedOn":"2026-07-02T09:14:30Z","rootFolderType":14,"rootCreateBy":"3a1c6b0e-0d7c-4a7e-9a4f-6f0b7f1b2c3d",
"fileEntryType":2},"webhook":{"id":7,"name":"invoice-intake","url":"https://hooks.example.com/docspace/webhook",
"triggers":["file.created","file.uploaded"]}}"""

COMING: dict[str, Any] = {
    "event": {"id": 18231, "createOn": "2026-07-02T09:14:31Z", "createBy": ACTOR, "trigger": "file.uploaded"},
    "payload": {
        "id": 748301,
        "parentId": 86193,
        "rootFolderId": 52817,
        "title": "Invoice 2026-0714.pdf",
        "fileEntryType": 2,
        "created": "2026-07-02T09:14:30Z",
        "createdBy": {"id": ACTOR, "displayName": "Chris Client", "email": "chris@example.com"},
        "updated": "2026-07-02T09:14:30Z",
        "version": 3,
        "versionGroup": 1,
        "contentLength": 18_637,
    },
    "webhook": {"id": 7},
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)


def body(payload=None, event=None, **top) -> bytes:
    document = {"event": {"trigger": "file.uploaded", **(event or {})}, "payload": {"id": 1, **(payload or {})}}
    return json.dumps({**document, **top}).encode()


def test_todays_shape_is_read() -> None:
    webhook = parse(TODAY)
    assert (webhook.trigger, webhook.event_id, webhook.webhook_id) == ("file.uploaded", 18231, 7)
    assert (webhook.actor, webhook.occurred_at) == (ACTOR, "2026-07-02T09:14:31Z")
    entry = webhook.entry
    assert (entry.id, entry.parent_id, entry.root_id, entry.is_file) == (748301, 86193, 52817, True)
    assert (entry.title, entry.created_by, entry.created_by_name) == ("Invoice 2026-0714.pdf", ACTOR, None)
    assert (entry.modified_at, entry.version) == ("2026-07-02T09:14:30Z", None)


def test_the_coming_shape_says_the_same_and_more() -> None:
    today, coming = parse(TODAY), parse(json.dumps(COMING).encode())
    for field in ("id", "title", "parent_id", "root_id", "is_file", "created_by", "modified_at"):
        assert getattr(coming.entry, field) == getattr(today.entry, field), field
    assert (coming.trigger, coming.event_id, coming.actor) == (today.trigger, today.event_id, today.actor)
    assert (coming.entry.created_by_name, coming.entry.version) == ("Chris Client", 3)


@given(entry_id=st.integers(1, 2**53) | st.text(min_size=1).filter(str.strip), root=st.integers(1, 2**53))
def test_both_shapes_agree_on_ids(entry_id, root) -> None:
    today = parse(body({"id": entry_id, "rootId": root, "createBy": "u"}))
    coming = parse(body({"id": entry_id, "rootFolderId": root, "createdBy": {"id": "u"}}))
    assert today == coming
    assert today.entry.id == entry_id


@pytest.mark.parametrize(
    ("payload", "trigger", "is_file"),
    [
        ({"fileEntryType": 2}, "folder.created", True),
        ({"fileEntryType": 1}, "file.created", False),
        ({}, "file.created", True),
        ({}, "folder.created", False),
        ({"fileEntryType": True}, "file.created", True),
        ({"fileEntryType": "x"}, "file.created", True),
    ],
)
def test_the_entry_type_decides_or_else_the_trigger(payload, trigger, is_file) -> None:
    assert parse(body(payload, {"trigger": trigger})).entry.is_file is is_file


def test_the_displayed_folder_stands_in_for_an_absent_parent() -> None:
    assert parse(body({"folderIdDisplay": 5})).entry.parent_id == 5
    assert parse(body({"folderIdDisplay": 5, "parentId": "sbox-4"})).entry.parent_id == "sbox-4"


def test_unknown_triggers_and_fields_are_no_error() -> None:
    webhook = parse(body({"new": [1]}, {"trigger": "planet.created", "x": None}, extra={"a": 1}))
    assert webhook.trigger == "planet.created"


def test_optional_fields_of_an_undocumented_type_count_as_absent() -> None:
    odd = {"title": 5, "parentId": True, "rootId": 1.5, "createdBy": [1], "version": "3", "updated": {}}
    webhook = parse(body(odd, {"id": [], "createOn": 7, "createBy": False}, webhook="seven"))
    entry = webhook.entry
    assert (entry.title, entry.parent_id, entry.root_id, entry.created_by, entry.version) == (None,) * 5
    assert (webhook.event_id, webhook.webhook_id, webhook.actor, webhook.occurred_at) == (None,) * 4


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "JSON"),
        (b"\xff\xfe", "JSON"),
        (b'{"event":{"trigger":"\xff"},"payload":{"id":1}}', "JSON"),
        (b"[]", "JSON object"),
        (b'"text"', "JSON object"),
        (b"[" * 100_000, "JSON object"),
        (b'{"event":' * 100_000, "JSON object"),
        (b'{"event":[]}', "JSON object"),
        (b"{}", "event.trigger"),
        (b'{"event":{"trigger":7},"payload":{"id":1}}', "event.trigger"),
        (b'{"event":{"trigger":""},"payload":{"id":1}}', "event.trigger"),
    ],
)
def test_an_unreadable_body_is_named_for_what_it_is(raw, words) -> None:
    with pytest.raises(PermanentError, match=words):
        parse(raw)


@pytest.mark.parametrize("entry_id", ["true", "1.0", "null", "0", "[]", '""', "99999999999999999999"])
def test_what_is_no_id_is_not_taken_for_one(entry_id) -> None:
    raw = f'{{"event":{{"trigger":"file.created"}},"payload":{{"id":{entry_id}}}}}'
    with pytest.raises(MissingEntryError, match=r"payload\.id") as caught:
        parse(raw.encode())
    assert caught.value.trigger == "file.created"


@pytest.mark.parametrize("payload", ["[1,2]", '"x"', "7", "null", "true", "1.5"])
def test_a_payload_that_is_no_object_still_tells_the_trigger(payload) -> None:
    with pytest.raises(MissingEntryError):
        parse(b'{"event":{"trigger":"form.submit"},"payload":%s}' % payload.encode())


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_nothing_but_a_permanent_error_ever_comes_out(raw) -> None:
    with suppress(PermanentError):
        parse(raw)


@given(st.dictionaries(st.sampled_from([*COMING["payload"], "rootId", "createBy", "modifiedOn"]), JSON), JSON, JSON)
def test_known_fields_with_any_value_are_tolerated(payload, event_id, webhook) -> None:
    raw = json.dumps({"event": {"trigger": "file.created", "id": event_id}, "payload": payload, "webhook": webhook})
    with suppress(PermanentError):
        parse(raw.encode())


def test_the_coming_payload_tells_the_actors_e_mail_address_and_todays_does_not() -> None:
    assert parse(json.dumps(COMING).encode()).actor_email == "chris@example.com"
    assert parse(TODAY).actor_email is None


def test_the_address_is_the_actors_and_not_the_creators() -> None:
    """Of a new version that another user uploaded."""
    payload = {"createdBy": {"id": "creator", "email": "creator@example.com"}}
    webhook = parse(body(payload, {"createBy": ACTOR}))
    assert webhook.actor_email is None
    payload["updatedBy"] = {"id": ACTOR, "email": "chris@example.com"}
    assert parse(body(payload, {"createBy": ACTOR})).actor_email == "chris@example.com"


@pytest.mark.parametrize("told", [None, 7, "", "chris", "a@b\nBcc: x@y", "<a@b>", "a@b, c@d", "a" * 300 + "@b.de"])
def test_what_is_no_address_is_none(told) -> None:
    payload = {"createdBy": {"id": ACTOR, "email": told}}
    assert parse(body(payload, {"createBy": ACTOR})).actor_email is None
