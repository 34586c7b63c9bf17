"""How the portal treats keys that are wrong, off, missing or limited: by route, and by whether it is a key."""

import pytest
import requests

from simulator.portal import seed

OPEN = ("files/file/{file}", "files/folder/86190", "files/86190", "files/fileops", "files/rooms/86190")
"""What somebody without a key may ask for."""
CLOSED = (
    ("PUT", "files/fileops/move"), ("GET", "files/folder/86190/path"), ("GET", "files/rooms"),
    ("POST", "files/folder/86190"), ("PUT", "files/file/{file}/comment"), ("GET", "people/@self"),
    ("GET", "people/66faa6e4-f133-11ea-b126-00ffeec8b4ef"), ("GET", "keys/@self"), ("GET", "keys/permissions"),
    ("GET", "settings/webhook"), ("GET", "settings/webhooks/log"), ("GET", "settings/webhook/triggers"),
)  # fmt: skip
WRITES = {"PUT", "POST"}


@pytest.fixture
def file_id(portal):
    return portal.upload()


def ask(portal, header, path, method="GET"):
    """With that Authorization header, or none."""
    headers = {"Authorization": header} if header is not None else {}
    json: dict[str, str] | None = {} if method in WRITES else None
    return requests.request(method, f"{portal.url}/api/2.0/{path}", headers=headers, json=json, timeout=10)


def kind(answer):
    """The status, and what its body is."""
    if not answer.content:
        body = "empty"
    elif "problem" in answer.headers["Content-Type"]:
        body = "problem"
    else:
        body = answer.json().get("error", {}).get("message", "answer")
    return answer.status_code, body


@pytest.mark.parametrize("path", OPEN)
def test_a_refused_key_is_a_403_without_an_error_on_what_may_be_read_without_one(portal, file_id, path):
    answer = ask(portal, "Bearer sk-wrong", path.format(file=file_id))
    assert kind(answer) == (403, "problem")
    assert set(answer.json()) == {"type", "title", "status", "traceId"}
    assert kind(ask(portal, "Bearer sk-wrong", "files/file/1")) == (403, "problem")


@pytest.mark.parametrize(("method", "path"), CLOSED)
@pytest.mark.parametrize("header", ["Bearer sk-wrong", "Bearer wrong", None])
def test_elsewhere_it_is_an_empty_401_as_it_is_for_nobody(portal, file_id, method, path, header):
    answer = ask(portal, header, path.format(file=file_id), method)
    assert kind(answer) == (401, "empty")
    assert "WWW-Authenticate" not in answer.headers
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("header", ["Bearer wrong", "bearer sk-simulator", "sk-simulator", "Basic eDp5", None])
def test_what_is_no_key_is_nobody(portal, file_id, header):
    told = {path: kind(ask(portal, header, path.format(file=file_id))) for path in OPEN[:4]}
    assert list(told.values()) == [
        (403, "You don't have enough permission to view the file"),
        (401, "System error."),
        (403, "You don't have enough permission to view the folder content"),
        (200, "answer"),
    ]
    assert kind(ask(portal, header, "files/file/1")) == (404, "The required file was not found")


def test_the_settings_need_no_key_and_no_scope(portal):
    for header in (None, "Bearer sk-wrong", f"Bearer {seed.ROOMS_KEY}"):
        answer = ask(portal, header, "settings").json()["response"]
        assert (answer["docSpace"], answer["tenantStatus"], answer["utcOffset"]) == (True, 0, "00:00:00")


MATRIX = [
    ("GET", "files/file/{file}", 200, 200, "problem"),
    ("GET", "files/folder/86190", 200, 200, "problem"),
    ("GET", "files/folder/86190/path", 200, 200, "empty"),
    ("GET", "files/86190", 200, 200, "problem"),
    ("GET", "files/fileops", 200, 200, "problem"),
    ("PUT", "files/fileops/move", "empty", 200, "empty"),
    ("GET", "files/rooms", "empty", "empty", 200),
    ("GET", "files/rooms/86190", "problem", "problem", 200),
    ("GET", "people/@self", "empty", "empty", "empty"),
    ("GET", "people/66faa6e4-f133-11ea-b126-00ffeec8b4ef", 200, 200, 200),
    ("GET", "keys/@self", 200, 200, 200),
    ("GET", "keys/permissions", "empty", "empty", "empty"),
    ("GET", "settings/webhook", "empty", "empty", "empty"),
    ("GET", "settings/webhooks/log", "empty", "empty", "empty"),
]
"""200, or the body of a 403, with files:read, files:write and rooms:read."""


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: f"{row[0]} {row[1]}")
def test_a_scope_opens_its_own_routes_alone(portal, file_id, row):
    method, path, *expected = row
    for key, allowed in zip((seed.READING_KEY, seed.LIMITED_KEY, seed.ROOMS_KEY), expected, strict=True):
        status, body = kind(ask(portal, f"Bearer {key}", path.format(file=file_id), method))
        assert (status, body) == ((200, "answer") if allowed == 200 else (403, allowed))


def test_a_key_tells_its_limits_and_when_it_was_used(portal):
    first = portal.call("GET", "keys/@self", key=seed.LIMITED_KEY).json()["response"]
    assert first["permissions"] == ["files:read", "files:write"]
    assert (first["key"], first["keyPostfix"], "lastUsed" in first) == ("sk-***iles", "iles", False)
    second = portal.call("GET", "keys/@self", key=seed.LIMITED_KEY).json()["response"]
    assert "lastUsed" in second
    assert portal.call("GET", "keys/@self").json()["response"]["permissions"] == []


def test_an_unknown_route_is_not_found_whoever_asks(portal):
    for header in (None, "Bearer sk-simulator", "Bearer sk-wrong"):
        assert kind(ask(portal, header, "nonsense")) == (404, "empty")
    wrong = ask(portal, "Bearer sk-simulator", "people/@self", "PUT")
    assert (kind(wrong), "GET" in wrong.headers["Allow"]) == ((405, "empty"), True)
