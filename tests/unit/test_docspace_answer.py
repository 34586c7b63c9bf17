from email.utils import formatdate

import pytest

from shared.docspace import answer
from shared.docspace.errors import (
    BusyError,
    ForbiddenError,
    KeyRefusedError,
    NotFoundError,
    RefusedError,
    TryLaterError,
)
from shared.errors import PermanentError, TransientError

NOW = 1_900_000_000.0


def failure(status, body=b"", **headers):
    return answer.failure(status, {k.replace("_", "-"): v for k, v in headers.items()}, body, "GET x", NOW)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RefusedError),
        (401, KeyRefusedError),
        (402, TryLaterError),
        (403, ForbiddenError),
        (404, NotFoundError),
        (408, TryLaterError),
        (415, RefusedError),
        (418, RefusedError),
        (429, BusyError),
        (302, TryLaterError),
        (500, TryLaterError),
        (503, TryLaterError),
    ],
)
def test_each_status_has_its_error(status, kind):
    error = failure(status)
    assert type(error) is kind
    assert error.status == status


@pytest.mark.parametrize("status", [401, 402, 408, 429, 302, 500, 503])
def test_what_may_pass_is_transient(status):
    assert isinstance(failure(status), TransientError)


@pytest.mark.parametrize(
    ("status", "headers", "untried"),
    [(429, {"Retry-After": "9"}, True), (429, {}, False), (503, {"Retry-After": "9"}, False)],
)
def test_a_rate_limit_that_names_its_wait_tells_nothing_of_what_was_asked(status, headers, untried):
    assert failure(status, **headers).untried is untried


@pytest.mark.parametrize("status", [400, 403, 404, 415])
def test_what_the_portal_declines_is_permanent(status):
    assert isinstance(failure(status), PermanentError)


@pytest.mark.parametrize(("status", "maybe"), [(500, True), (502, True), (504, True), (503, False), (429, False)])
def test_a_server_error_may_have_done_the_work_unless_it_was_unavailable(status, maybe):
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
    assert answer.failure(429, headers, b"", "GET x", NOW).retry_after_s == wait_s
