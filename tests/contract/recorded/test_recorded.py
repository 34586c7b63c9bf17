"""Every recorded exchange and delivery, made again: the simulator answers and sends as the real portal did."""

import json
import re

import pytest

from simulator.outgoing import signature
from tests.contract.recorded import corpus
from tests.contract.recorded.built import SITUATIONS
from tests.contract.recorded.compare import differences
from tests.contract.recorded.deliveries import DELIVERIES
from tests.contract.recorded.tolerated import DIFFERENCES, intolerable

LIMIT_HEADERS = ("Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Content-Length")
SPENT = "Retry-After", "X-RateLimit-Reset"
"""How long is left of the day, and its end."""


@pytest.mark.parametrize("name", sorted(SITUATIONS))
def test_the_simulator_answers_as_the_real_portal_did(stage, name):
    real, answer = corpus.EXCHANGES[name], SITUATIONS[name](stage)
    assert (answer.status_code, answer.headers.get("Content-Type")) == (real.status, real.content_type)
    assert asked(answer.request.method, answer.request.path_url) == asked(real.method, real.path)
    if real.answer == "":
        assert answer.content == b""
    else:
        assert intolerable(name, differences(real.answer, answer.json())) == []
    if real.headers:
        told = {header: answer.headers[header] for header in LIMIT_HEADERS if header in answer.headers}
        assert set(told) == set(real.headers)
        assert all(told[header] == real.headers[header] for header in set(told) - set(SPENT))


@pytest.mark.parametrize("name", sorted(DELIVERIES))
def test_the_simulator_sends_what_the_real_portal_sent(stage, name):
    headers, body = DELIVERIES[name](stage)
    if name == corpus.BARE_BODY:
        real_body = corpus.FILES[name]
    else:
        real = corpus.DELIVERIES[name]
        real_body = json.loads(real.body)
        assert [header.lower() for header in headers] == [header.lower() for header, _ in real.headers]
        same = {"accept", "content-type"}
        kept = {header.lower(): value for header, value in headers.items() if header.lower() in same}
        assert kept == {header.lower(): value for header, value in real.headers if header.lower() in same}
        assert signature.sign(real.secret, real.body.encode()) == real.signature  # how it is signed there
    assert intolerable(name, differences(real_body, json.loads(body))) == []
    given = next(value for header, value in headers.items() if header.lower() == signature.HEADER)
    assert given == signature.sign("Secret-123", body)


def test_odd_characters_are_escaped_as_they_were_there(stage):
    name = "hook-delivery-file.created-unicode"
    _, body = DELIVERIES[name](stage)
    real = corpus.DELIVERIES[name].body
    assert _title(body.decode()) == _title(real)


def test_every_recorded_file_is_replayed():
    assert set(corpus.FILES) == set(SITUATIONS) | set(DELIVERIES)


@pytest.mark.parametrize("item", DIFFERENCES, ids=lambda item: item.what)
def test_what_is_tolerated_has_a_reason(item):
    assert item.why


def asked(method, path):
    """Without the ids, and without the one that asks for one operation."""
    without = re.sub(r"(?<=[/=])([0-9a-f]{8}-[0-9a-f-]+|\d+)", "#", path)
    return method, without.removesuffix("?id=#")


def _title(body):
    """As the bytes have it, with its escapes."""
    start = body.index('"title":"') + len('"title":"')
    return body[start : body.index('"', start)]
