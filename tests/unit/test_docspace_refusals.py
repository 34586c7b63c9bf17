"""Whatever an answer looks like: what of it is believed of a file or a folder."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.docspace import answer
from shared.docspace.client import Client
from shared.docspace.errors import (
    ForbiddenError,
    NotFoundError,
    RefusedError,
    ScopeMissingError,
    TryLaterError,
    UnexplainedError,
)
from tests.support.recorded import RecordedPortal, Reply, recorded
from tests.unit.test_docspace_state import FORBIDDEN_PAGE, KEY, MISSING_PAGE, PAGE, SETTINGS, WELL, refusal


@pytest.fixture(scope="module")
def portal():
    portal = RecordedPortal()
    yield portal
    portal.close()


@pytest.fixture(scope="module")
def client(portal):
    client = Client(portal.url, "sk-good", pool_size=1, timeout_s=(5, 30))
    yield client
    client.close()


WORDS = st.sampled_from(["", " ", "\n", "Access denied", "Zugriff verweigert", "\u0000", "x" * 400]) | st.text(
    max_size=20
)
ODD = st.none() | st.booleans() | st.integers(-5, 500) | WORDS | st.lists(WORDS, max_size=2)
FIELDS = st.sampled_from(["message", "type", "Message", "stack", "title", "errors"])
FAULTS = ODD | st.dictionaries(FIELDS, ODD | st.dictionaries(WORDS, ODD, max_size=2), max_size=4)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "error": FAULTS, "response": FAULTS, "status": ODD, "statusCode": ODD, "title": ODD, "message": ODD,
        "Error": FAULTS, "errors": FAULTS,
    },
)  # fmt: skip
GOLDENS = st.sampled_from(
    ["read-key-off-file", "read-scope-self", "more-portal-suspended-file", "read-400-validation", "read-415",
     "read-404-file", "move-source-missing", "more-settings-active", "more-429-window"]
).map(lambda name: recorded(name).body)  # fmt: skip
BODIES = (
    st.binary(max_size=60)
    | DOCUMENTS.map(lambda document: json.dumps(document).encode())
    | DOCUMENTS.map(lambda document: json.dumps(document).encode()[:-1])
    | st.lists(DOCUMENTS, max_size=2).map(lambda documents: json.dumps(documents).encode())
    | GOLDENS
    | GOLDENS.map(lambda body: b"\xef\xbb\xbf" + body)
    | st.sampled_from(
        [PAGE.body, FORBIDDEN_PAGE.body, MISSING_PAGE.body, b'{"error":"Forbidden"}', b"null", b"[" * 5000]
    )
)
STATUSES = st.sampled_from([403, 404]) | st.sampled_from(
    [*range(300, 309), *range(400, 432), 451, 494, 499, *range(500, 512), 520, 530, 599]
)
REFUSALS = st.sampled_from([401, 402, 403, 404, 405, 410, 451])
CONTENT_TYPES = st.sampled_from(["application/json", "application/problem+json", "text/html", "", "x"])


def explained(body: bytes) -> bool:
    """As another reader of JSON sees it."""
    try:
        document = json.loads(body.decode())
    except (ValueError, RecursionError):
        return False
    fault = document.get("error") if isinstance(document, dict) else None
    message = fault.get("message") if isinstance(fault, dict) else None
    return isinstance(message, str) and bool(message.strip())


@settings(max_examples=500, deadline=None)
@given(STATUSES, BODIES, CONTENT_TYPES)
def test_nothing_without_a_reason_of_the_portals_is_about_an_entry(status, body, content_type):
    error = answer.failure(status, {"Content-Type": content_type}, body, "GET x", 0.0)
    about_an_entry = isinstance(error, ForbiddenError | NotFoundError)
    assert about_an_entry == (status in (403, 404) and explained(body))
    assert isinstance(error, TryLaterError | RefusedError)
    if isinstance(error, RefusedError) and not about_an_entry:
        assert str(error) != f"the portal answered {status} to GET x"  # it says what is wrong with the request


@settings(max_examples=100, deadline=None)
@given(status=REFUSALS, body=BODIES, key=st.builds(Reply, STATUSES, BODIES))
def test_nothing_is_believed_of_an_entry_while_the_portal_does_not_take_our_key(portal, client, status, body, key):
    portal.begin(Reply(status, body), {**WELL, KEY: key})
    error = refusal(client)
    assert isinstance(error, TryLaterError)
    assert not isinstance(error, UnexplainedError | ScopeMissingError)


@settings(max_examples=100, deadline=None)
@given(status=REFUSALS, body=BODIES)
def test_the_key_is_asked_about_after_the_refusal_that_is_believed(portal, client, status, body):
    portal.begin(Reply(status, body), WELL)
    error = refusal(client)
    if isinstance(error, RefusedError):
        assert portal.routes()[1:] == [SETTINGS, KEY]
    assert isinstance(error, ForbiddenError | NotFoundError) == (status in (403, 404) and explained(body))
