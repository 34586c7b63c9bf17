"""Who gave the answer: an entry's own refusal, the key, its scopes, the portal as a whole or the way to it.

Each row of the table in docs/explanation/portal.md, with the bodies that a portal was seen to answer.
"""

import dataclasses
import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.docspace.client import Client
from shared.docspace.errors import (
    BusyError,
    ForbiddenError,
    NotFoundError,
    PortalFaultError,
    RefusedError,
    ScopeMissingError,
    TryLaterError,
    UnexplainedError,
)
from shared.docspace.state import BEING_CHANGED, SUSPENDED, Fault, State
from shared.errors import IntakeError
from tests.support.recorded import STATE, Asked, RecordedPortal, Reply, exchange, recorded

SETTINGS, KEY, FILEOPS = STATE
FEW = 6
THREADS = 50
STATE_TAKES_S = 0.2
"""For all threads to have read their own answer meanwhile."""

ACTIVE = recorded("more-settings-active")
GOOD_KEY = recorded("read-key-self")
NO_KEY = recorded("read-key-off-move")
EMPTY_LIST = recorded("move-operation-told-already")
PROBLEM = recorded("read-key-off-file")
WELL = {SETTINGS: ACTIVE, KEY: GOOD_KEY, FILEOPS: EMPTY_LIST}
KEY_OFF = {SETTINGS: ACTIVE, KEY: NO_KEY, FILEOPS: PROBLEM}
KEY_LOST = {SETTINGS: ACTIVE, KEY: NO_KEY, FILEOPS: EMPTY_LIST}
SUSPENDED_PORTAL = {SETTINGS: recorded("more-settings-suspended"), KEY: recorded("more-portal-suspended-file")}
RESTORING = {SETTINGS: recorded("more-settings-restoring"), KEY: GOOD_KEY}
UNPAID = {SETTINGS: ACTIVE, KEY: recorded("more-portal-unpaid-file")}

PAGE = Reply(200, b"<!DOCTYPE html><title>Sign in</title>", "text/html")
FORBIDDEN_PAGE = Reply(403, b"<html><h1>403 Forbidden</h1><hr>nginx</html>", "text/html")
MISSING_PAGE = Reply(404, b"404 page not found\n", "text/plain")
OTHER_API = Reply(404, b'{"error":{"code":404,"message":"no such route"}}', "application/json")
REDIRECT = Reply(302, b"", None, (("Location", "https://elsewhere.example/"),))
SYSTEM_ERROR = Reply(401, b'{"error":{"message":"System error."}}')
TENANT = Reply(500, b'{"error":{"message":"Could not resolve current tenant"},"status":1,"statusCode":500}')


def scoped(*permissions: str) -> Reply:
    """The recorded answer of `keys/@self`, for a key with other permissions."""
    told = exchange("read-key-self-scoped")["answer"]
    told["response"]["permissions"] = list(permissions)
    return dataclasses.replace(GOOD_KEY, body=json.dumps(told).encode())


def setting(**fields: object) -> Reply:
    told = exchange("more-settings-active")["answer"]
    told["response"].update(fields)
    return dataclasses.replace(ACTIVE, body=json.dumps(told).encode())


NO_DOCSPACE = {SETTINGS: setting(docSpace=False)}


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    route: Reply
    """What the route itself answers."""
    state: dict[str, Reply]
    kind: type[IntakeError]
    gist: str
    asked: tuple[str, ...] = (SETTINGS, KEY)
    """What the portal is asked afterwards."""
    call: str = "file"


def row(name, state, kind, gist, asked=(SETTINGS, KEY)):
    """Of a recorded exchange."""
    return Row(name, recorded(name), state, kind, gist, asked, call_of(exchange(name)))


def call_of(told):
    if told["method"] != "GET":
        return "move"
    return "self_id" if told["path"].endswith("people/@self") else "file"


ALL_THREE = (SETTINGS, KEY, FILEOPS)
PORTAL_ALONE = (SETTINGS,)
REFUSED_KEY = "the portal refuses our API key .*check DOCSPACE_API_KEY"
MISSING_SCOPE = "the API key lacks the permission {}: give it that"

ROWS = [
    # the way
    *(
        Row(f"{name}-{what}", reply, {SETTINGS: reply}, PortalFaultError, gist, PORTAL_ALONE)
        for name, reply in {
            "page": PAGE, "redirect": REDIRECT, "403": FORBIDDEN_PAGE, "404": MISSING_PAGE, "other-api": OTHER_API,
            "empty-401": NO_KEY, "empty-405": Reply(405), "400": Reply(400, b"<html>", "text/html"),
        }.items()
        for what, gist in [("is-no-portal", "something else than the portal answers .*check DOCSPACE_API_HOST")]
    ),
    Row("way-is-cut-meanwhile", PROBLEM, {SETTINGS: Reply(0)}, PortalFaultError, "broke", PORTAL_ALONE),
    Row("no-docspace", PROBLEM, NO_DOCSPACE, PortalFaultError, "something else than the portal", PORTAL_ALONE),
    Row("a-page-for-the-key", PROBLEM, {**WELL, KEY: PAGE}, PortalFaultError, "not say whether it takes our key"),
    Row("an-error-for-the-key", PROBLEM, {**WELL, KEY: Reply(502)}, PortalFaultError, "502 to GET keys/@self"),
    # the portal as a whole
    row("more-portal-suspended-file", SUSPENDED_PORTAL, PortalFaultError, "is suspended", PORTAL_ALONE),
    row("more-portal-restoring-file", RESTORING, PortalFaultError, "is being restored", PORTAL_ALONE),
    row("more-portal-restoring-move", RESTORING, PortalFaultError, "is being restored", PORTAL_ALONE),
    row("more-portal-unpaid-file", UNPAID, PortalFaultError, "is unpaid"),
    row("more-portal-unpaid-move", UNPAID, PortalFaultError, "is unpaid"),
    # the key
    row("read-key-off-file", KEY_OFF, PortalFaultError, REFUSED_KEY, ALL_THREE),
    row("read-key-off-move", KEY_OFF, PortalFaultError, REFUSED_KEY, ALL_THREE),
    row("move-file-not-member", KEY_LOST, PortalFaultError, "does not arrive .* sk-", ALL_THREE),
    row("read-404-file", KEY_LOST, PortalFaultError, "does not arrive", ALL_THREE),
    Row("nobody", SYSTEM_ERROR, KEY_LOST, PortalFaultError, "does not arrive", ALL_THREE),
    # its scopes
    row(
        "read-scope-file", {**WELL, KEY: recorded("read-key-self-scoped")}, ScopeMissingError,
        MISSING_SCOPE.format("files:read"),
    ),
    row(
        "read-scope-self", {**WELL, KEY: scoped("files:write")}, ScopeMissingError,
        MISSING_SCOPE.format("accounts.self:read"),
    ),
    row(
        "move-key-read-only", {**WELL, KEY: scoped("files:read")}, ScopeMissingError,
        MISSING_SCOPE.format("files:write"),
    ),
    row("read-scope-file", WELL, UnexplainedError, "answered 403 to GET files/file/1$"),
    # the entry
    *(
        row(name, WELL, ForbiddenError, "answered 403 .*: ")
        for name in [
            "read-403-file-in-others-trash", "move-file-not-member", "move-path-not-member", "move-list-not-member",
            "more-trashed-folder-svc", "move-source-missing", "move-refused-being-edited", "move-batch-one-locked",
            "more-archived-move-in", "more-archived-move-out", "more-move-to-trashed-folder", "more-german-move",
        ]
    ),
    *(
        row(name, WELL, NotFoundError, f"answered 404 .*: {gist}")
        for name, gist in {
            "read-404-file": "The required file was not found",
            "move-file-missing": "The required file was not found",
            "move-batch-one-missing": "The required file was not found",
            "move-dest-missing": "The required folder was not found",
            "read-404-huge-id": "Selector '' not found",
            "more-german-missing-file": "Die angefragte Datei wurde nicht gefunden",
            "more-german-dest": "Der angefragte Ordner wurde nicht gefunden",
        }.items()
    ),
    # the request
    row("read-400-validation", WELL, RefusedError, "The field Count must be between 1 and 100"),
    row("read-415", WELL, RefusedError, "Unsupported Media Type"),
    # what nobody need be asked about
    row("more-quota-upload", WELL, TryLaterError, "plan or quota .*Room space quota exceeded", ()),
    row("more-room-over-tariff", WELL, TryLaterError, "plan or quota", ()),
    row("more-429-reads-at-once", WELL, BusyError, "limits our rate", ()),
    row("more-429-writes-a-day", WELL, BusyError, "limits our rate", ()),
    Row("wrong-host-header", TENANT, WELL, TryLaterError, "500 .*: Could not resolve current tenant", ()),
    Row("no-rate-left-to-ask", PROBLEM, {SETTINGS: Reply(429)}, TryLaterError, "cannot be asked now", PORTAL_ALONE),
    Row("no-rate-left-for-the-key", PROBLEM, {**WELL, KEY: Reply(429)}, TryLaterError, "cannot be asked now"),
    Row("maintenance-for-one-route", PAGE, WELL, TryLaterError, "not what its API documents"),
]  # fmt: skip
each_row = pytest.mark.parametrize("row", ROWS, ids=[f"{row.name}-{row.kind.__name__}" for row in ROWS])


@pytest.fixture(scope="module")
def portal():
    portal = RecordedPortal()
    yield portal
    portal.close()


@pytest.fixture(scope="module")
def client(portal):
    client = Client(portal.url, "sk-good", pool_size=THREADS, timeout_s=(5, 30))
    yield client
    client.close()


def refusal(client: Client, call: str = "file") -> IntakeError:
    calls = {"file": lambda: client.file(1), "move": lambda: client.move([1, 2], 3), "self_id": client.self_id}
    with pytest.raises(IntakeError) as caught:
        calls[call]()
    return caught.value


@each_row
def test_an_answer_is_told_by_whoever_gave_it(portal, client, row):
    portal.begin(row.route, row.state)
    error = refusal(client, row.call)
    assert type(error) is row.kind
    assert re.search(row.gist, str(error))
    own, *others = portal.asked
    assert tuple(asked.route for asked in others) == row.asked
    assert own.with_key
    assert all(asked.with_key is (asked.route != SETTINGS) and asked.method == "GET" for asked in others)


KINDS = {(row.kind, row.asked, row.state[SETTINGS], row.state.get(KEY)): row for row in ROWS if row.asked}
"""One row for each way that the questions go."""


@pytest.mark.parametrize("row", KINDS.values(), ids=[row.name for row in KINDS.values()])
def test_however_many_wait_for_it_the_portal_is_asked_a_few_times(portal, client, row):
    """Twice where all come while it is asked for the first time; a thread that comes late asks once more."""
    portal.begin(row.route, row.state, at_once=THREADS, state_takes_s=STATE_TAKES_S)
    with ThreadPoolExecutor(THREADS) as pool:
        errors = list(pool.map(lambda _: refusal(client, row.call), range(THREADS)))
    assert {type(error) for error in errors} == {row.kind}
    asked = Counter(portal.routes())
    assert all(1 <= asked[route] <= FEW for route in row.asked)
    assert sum(asked[route] for route in STATE) <= FEW * len(row.asked)


LANGUAGES = [
    "Доступ запрещён",
    "ファイルが見つかりません",
    "تعذّر العثور على الملف",
    "Nie znaleziono",
    "API key refused 401",
]


@pytest.mark.parametrize("words", LANGUAGES)
@pytest.mark.parametrize(("name", "kind"), [("read-404-file", NotFoundError), ("more-german-move", ForbiddenError)])
def test_no_word_of_the_portals_decides_and_its_type_is_kept(portal, client, name, kind, words):
    told = exchange(name)["answer"]
    meant = told["error"]["type"]
    told["error"]["message"] = words
    portal.begin(dataclasses.replace(recorded(name), body=json.dumps(told).encode()), WELL)
    error = refusal(client)
    assert type(error) is kind
    assert isinstance(error, RefusedError)
    assert error.kind == meant
    assert str(error).endswith(words)


def test_two_404s_of_a_move_differ_by_their_type_alone(portal, client):
    kinds = {}
    for name in ("move-batch-one-missing", "move-dest-missing", "more-german-dest"):
        portal.begin(recorded(name), WELL)
        error = refusal(client, "move")
        assert isinstance(error, RefusedError)
        kinds[name] = error.kind
    assert kinds["move-batch-one-missing"] == "System.IO.FileNotFoundException"
    assert kinds["move-dest-missing"] == kinds["more-german-dest"] == "ASC.Common.Web.ItemNotFoundException"


@pytest.mark.parametrize("status", range(7))
def test_every_status_of_a_portal_has_its_meaning(portal, client, status):
    portal.begin(Reply(404), {**WELL, SETTINGS: setting(tenantStatus=status)})
    meant = Fault.SUSPENDED if status in SUSPENDED else Fault.BEING_CHANGED if status in BEING_CHANGED else None
    now = client.state()
    assert now.fault is meant
    assert not meant or f"(status {status})" in now.reason


def test_a_portal_that_does_not_tell_its_status_is_taken_for_an_active_one(portal, client):
    portal.begin(Reply(404), {**WELL, SETTINGS: setting(tenantStatus=None)})
    assert client.state() == State()


@pytest.mark.parametrize(
    ("granted", "scope", "lacks"),
    [
        ((), "files:write", False), (("*",), "files:write", False), (("*:write",), "files:write", False),
        (("*:read",), "files:write", True), (("*:read",), "files:read", False),
        (("files:read",), "files:write", True), (("files:write",), "files:read", False),
        (("rooms:write",), "files:read", True), (("odd",), "files:read", True),
    ],
)  # fmt: skip
def test_what_grants_a_permission(granted, scope, lacks):
    assert State(permissions=granted).lacks(scope) == ([scope] if lacks else [])


def test_after_a_page_in_the_place_of_a_moves_answer_it_may_be_done_whoever_gave_it(portal, client):
    portal.begin(PAGE, {SETTINGS: PAGE})
    error = refusal(client, "move")
    assert isinstance(error, PortalFaultError)
    assert error.maybe_done


def test_the_breakers_ear_hears_what_it_is_and_not_what_the_route_said(portal):
    heard: list[IntakeError | None] = []
    client = Client(portal.url, "sk-good", pool_size=1, heard=heard.append)
    portal.begin(recorded("more-portal-restoring-file"), RESTORING)
    told = refusal(client)
    portal.begin(recorded("read-404-file"), WELL)
    gone = refusal(client)
    client.close()
    assert heard == [told, gone]


def test_whoever_comes_while_the_portal_is_asked_waits_for_an_answer_of_after(portal, client):
    """The key was switched off between two refusals: the second is about the key."""
    portal.begin(recorded("read-404-file"), KEY_OFF, at_once=2, state_takes_s=STATE_TAKES_S)
    with ThreadPoolExecutor(2) as pool:
        errors = list(pool.map(lambda _: refusal(client), range(2)))
    assert all(isinstance(error, PortalFaultError) for error in errors)
    assert portal.asked.count(Asked("GET", KEY, with_key=True)) == 2
