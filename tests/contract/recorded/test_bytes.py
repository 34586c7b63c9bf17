"""Of the same event the simulator writes the same bytes as the real portal, and signs them alike."""

import json

import pytest

from simulator.outgoing import signature
from tests.contract.recorded import corpus
from tests.contract.recorded.same_events import body_of, told


@pytest.mark.parametrize("name", sorted(corpus.DELIVERIES))
def test_the_body_of_a_recorded_event_is_written_byte_for_byte(name):
    real = corpus.DELIVERIES[name]
    body = body_of(told(real))
    assert body.decode() == real.body
    assert len(body) == int(dict(real.headers)["Content-Length"])
    assert signature.sign(real.secret, body) == real.signature == dict(real.headers)[signature.HEADER]


def test_a_body_of_the_cloud_without_its_spelling_is_the_same_too():
    """Only its JSON was kept, of a portal whose database has whole seconds."""
    real = corpus.FILES[corpus.BARE_BODY]
    body = corpus.Delivery("", (), json.dumps(real), "", "")
    assert json.loads(body_of(told(body))) == real
