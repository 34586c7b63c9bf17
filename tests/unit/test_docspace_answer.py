from email.utils import formatdate

import pytest

from shared.docspace import answer
from shared.docspace.errors import (
    BusyError,
    ForbiddenError,
    NotFoundError,
    RefusedError,
    TryLaterError,
    UnexplainedError,
)
from shared.errors import TransientError

NOW = 1_900_000_000.0


def failure(status, body=b"", **headers):
    return answer.failure(status, {k.replace("_", "-"): v for k, v in headers.items()}, body, "GET x", NOW)


SAID = b'{"error":{"message":"Nein","type":"a.B"},"status":1,"statusCode":0}'


@pytest.mark.parametrize(
    ("status", "silent", "explained"),
    [
        (400, UnexplainedError, RefusedError),
        (401, UnexplainedError, UnexplainedError),
        (402, UnexplainedError, TryLaterError),
        (403, UnexplainedError, ForbiddenError),
        (404, UnexplainedError, NotFoundError),
        (405, UnexplainedError, RefusedError),
        (408, TryLaterError, TryLaterError),
        (415, UnexplainedError, RefusedError),
        (418, UnexplainedError, RefusedError),
        (425, TryLaterError, TryLaterError),
        (429, BusyError, BusyError),
        (302, TryLaterError, TryLaterError),
        (500, TryLaterError, TryLaterError),
        (503, TryLaterError, TryLaterError),
    ],
)
def test_each_status_has_its_error_with_and_without_a_reason_of_the_portals(status, silent, explained):
    for body, kind in ((b"", silent), (SAID, explained)):
        error = failure(status, body)
        assert type(error) is kind
        assert error.status == status


@pytest.mark.parametrize("status", [401, 402, 408, 425, 429, 302, 500, 503])
def test_what_may_pass_is_transient(status):
    assert isinstance(failure(status), TransientError)
    assert isinstance(failure(status, SAID), TransientError)


@pytest.mark.parametrize(
    ("status", "headers", "untried"),
    [(429, {"Retry-After": "9"}, True), (429, {}, True), (503, {"Retry-After": "9"}, False)],
)
def test_a_rate_limit_tells_nothing_of_what_was_asked(status, headers, untried):
    assert failure(status, **headers).untried is untried


@pytest.mark.parametrize("status", [400, 403, 404, 415])
def test_a_portals_refusal_with_a_reason_is_permanent_and_says_what_it_is_about(status):
    error = failure(status, SAID)
    assert isinstance(error, RefusedError)
    assert error.kind == "a.B"


def test_faults_in_a_requests_shape_come_in_a_success_envelope_and_are_quoted():
    body = b'{"response":{"title":"Errors.","errors":{"a":["one","two"],"b":"three"}},"statusCode":400}'
    assert str(failure(400, body)) == "the portal answered 400 to GET x: one; two; three"
    assert type(failure(400, body)) is RefusedError
    body = b'{"response":{"title":"Unsupported Media Type","status":415},"statusCode":200}'
    assert str(failure(415, body)) == "the portal answered 415 to GET x: Unsupported Media Type"
    assert type(failure(403, body)) is UnexplainedError


@pytest.mark.parametrize(
    ("status", "maybe"),
    [(500, True), (502, True), (503, True), (504, True), (408, True), (425, True), (429, False), (302, False)]
    + [(status, False) for status in (400, 401, 402, 403, 404)],
)
def test_a_server_error_and_a_timeout_may_have_done_the_work_and_a_refusal_has_not(status, maybe):
    assert failure(status).maybe_done is maybe


def test_the_sentence_quotes_the_portal():
    error = failure(404, b'{"error":{"message":"The required file was not found"},"status":1,"statusCode":404}')
    assert str(error) == "the portal answered 404 to GET x: The required file was not found"


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"error":null}', b'{"error":{"message":null}}', b"\xff"])
def test_a_body_without_a_message_is_no_obstacle(body):
    assert str(failure(500, body)) == "the portal answered 500 to GET x"


def test_a_redirect_says_where_to_look():
    assert "DOCSPACE_API_HOST" in str(failure(301))


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": formatdate(NOW + 30, usegmt=True)}, 30),
        ({"Retry-After": formatdate(NOW - 30, usegmt=True)}, 0),
        ({"X-Ratelimit-Reset": "12"}, 12),
        ({"X-Ratelimit-Reset": str(NOW + 40)}, 40),
        ({"Retry-After": "7", "X-Ratelimit-Reset": "12"}, 12),
        ({"Retry-After": "soon", "X-Ratelimit-Reset": "-3"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
    ],
)
def test_the_longest_wait_asked_for_is_kept(headers, wait_s):
    assert answer.retry_after_s(headers, NOW) == wait_s
    error = answer.failure(429, headers, b"", "GET x", NOW)
    assert isinstance(error, BusyError)
    assert error.retry_after_s == wait_s
