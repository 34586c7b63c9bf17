"""What is read and written in one piece is what pika reads and writes frame by frame."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pika
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pika.callback import CallbackManager
from pika.channel import Channel
from pika.spec import Basic

from shared.amqp.client import codec, frames
from shared.amqp.client.connection import Connection
from shared.wire.message import Message, Publication

CONSUMER = "ctag1.0a1b"
PikasReader = pika.connection.Connection._on_data_available

texts = st.text(max_size=60)
counts = st.integers(0, 2**63 - 1)
publications = st.builds(
    Publication,
    exchange=st.sampled_from(["", "docspace", "dead"]),
    routing_key=texts,
    message=st.builds(
        Message,
        body=st.binary(max_size=300),
        type=texts,
        message_id=texts,
        correlation_id=texts,
        timestamp=counts,
        content_type=texts,
        app_id=texts,
        traceparent=texts,
        received_at=st.none() | st.integers(0, 2**40).map(lambda milliseconds: milliseconds / 1000),
        attempt=st.integers(1, 100),
        first_failed_at=st.none() | st.integers(0, 2**40).map(float),
        waited_s=st.integers(0, 2**40).map(lambda milliseconds: milliseconds / 1000),
        not_before=st.none() | st.integers(0, 2**40).map(float),
        override=texts,
        swept=texts,
    ),
    mandatory=st.booleans(),
    headers=st.dictionaries(
        st.text(min_size=1, max_size=20), st.text() | st.integers(-(2**63), 2**63 - 1), max_size=4
    ),
)


def decoded(data: bytes) -> Iterator[Any]:
    while data:
        length, frame = pika.frame.decode_frame(data)
        assert frame is not None
        yield frame
        data = data[length:]


@given(publications, st.integers(1, 400))
def test_pika_reads_the_frames_of_a_publish_as_they_were_meant(publication: Publication, body_max: int) -> None:
    method, header, *body = decoded(frames.publish(3, publication, body_max, 1_000_000))
    message = publication.message
    assert {frame.channel_number for frame in (method, header, *body)} == {3}
    assert (method.method.exchange, method.method.routing_key) == (publication.exchange, publication.routing_key)
    assert method.method.mandatory == publication.mandatory
    assert header.body_size == len(message.body)
    assert b"".join(frame.fragment for frame in body) == message.body
    assert all(len(frame.fragment) <= body_max for frame in body)
    properties = header.properties
    assert properties.headers == codec.headers(publication)
    assert (properties.delivery_mode, properties.timestamp) == (codec.PERSISTENT, message.timestamp)
    assert (properties.message_id, properties.correlation_id) == (message.message_id, message.correlation_id)
    assert (properties.type, properties.content_type) == (message.type, message.content_type)
    assert properties.app_id == message.app_id


def test_a_text_too_long_for_amqp_is_refused() -> None:
    message = Message(body=b"", type="x" * 256, message_id="", correlation_id="", timestamp=0)
    with pytest.raises(ValueError, match="range"):
        frames.publish(1, Publication(exchange="", routing_key="", message=message, mandatory=True), 100, 1_000)


def delivery(channel: int, tag: int, properties: pika.BasicProperties, body: bytes, body_max: int) -> bytes:
    method = Basic.Deliver(CONSUMER, tag, redelivered=bool(tag % 2), exchange="docspace", routing_key="a.b")
    parts = [pika.frame.Method(channel, method), pika.frame.Header(channel, len(body), properties)]
    parts += [pika.frame.Body(channel, body[at : at + body_max]) for at in range(0, len(body), body_max)]
    return b"".join(part.marshal() for part in parts)


def properties_of(publication: Publication) -> pika.BasicProperties:
    (_, header, *_) = decoded(frames.publish(1, publication, 100_000, 100_000))
    properties: pika.BasicProperties = header.properties
    return properties


foreign = st.builds(
    pika.BasicProperties,
    content_type=st.none() | texts,
    headers=st.none() | st.dictionaries(st.text(min_size=1, max_size=20), texts | st.booleans(), max_size=3),
    priority=st.none() | st.integers(0, 9),
    message_id=st.none() | texts,
    expiration=st.none() | st.just("1000"),
)
pieces = st.one_of(
    st.builds(
        delivery,
        st.integers(1, 2),
        st.integers(1, 2**40),
        publications.map(properties_of) | foreign,
        st.binary(max_size=300),
        st.integers(50, 400),
    ),
    st.builds(
        lambda channel, tag, multiple: pika.frame.Method(channel, Basic.Ack(tag, multiple)).marshal(),
        st.integers(1, 2),
        counts,
        st.booleans(),
    ),
    st.builds(lambda tag: pika.frame.Method(1, Basic.Nack(tag)).marshal(), counts),
    st.just(pika.frame.Heartbeat().marshal()),
)


class Heard:
    """A connection without a network, and what its two channels made of what came."""

    def __init__(self, read: Callable[[Any, bytes], None], *, fast_confirms: bool) -> None:
        self.heard: list[object] = []
        self._read = read
        self._connection = Connection.__new__(Connection)
        self._connection.__dict__.update(
            _frame_buffer=b"",
            bytes_received=0,
            frames_received=0,
            callbacks=CallbackManager(),
            _channels={},
            _on_confirm={},
            _heartbeat_checker=None,
        )
        for number in (1, 2):
            self._add_channel(number, fast_confirms=fast_confirms and number == 1)

    def _add_channel(self, number: int, *, fast_confirms: bool) -> None:
        channel = Channel(self._connection, number, lambda _: None)
        channel._consumers[CONSUMER] = lambda *delivered: self._delivered(number, *delivered[1:])
        channel.add_callback(lambda frame: self._confirmed(number, frame), [Basic.Ack, Basic.Nack], one_shot=False)
        if fast_confirms:
            self._connection.on_confirm(
                number, lambda tag, multiple: self.heard.append((number, "Basic.Ack", tag, multiple))
            )
        self._connection._channels[number] = channel

    def _delivered(self, number: int, method: Basic.Deliver, props: pika.BasicProperties, body: bytes) -> None:
        self.heard.append((number, vars(method), vars(props), body))

    def _confirmed(self, number: int, frame: pika.frame.Method) -> None:
        self.heard.append((number, frame.method.NAME, frame.method.delivery_tag, frame.method.multiple))

    def feed(self, data: bytes) -> None:
        self._read(self._connection, data)

    @property
    def bytes_received(self) -> int:
        return int(self._connection.bytes_received)


def both_hear_the_same(reads: Sequence[bytes]) -> None:
    ours, pikas = Heard(Connection._on_data_available, fast_confirms=True), Heard(PikasReader, fast_confirms=False)
    for read in reads:
        ours.feed(read)
        pikas.feed(read)
    assert ours.heard == pikas.heard
    assert ours.bytes_received == pikas.bytes_received == sum(map(len, reads))


@given(st.lists(pieces, max_size=12), st.lists(st.integers(1, 700), max_size=30))
def test_however_the_bytes_come_what_is_heard_is_what_pika_hears(stream: list[bytes], sizes: list[int]) -> None:
    data = b"".join(stream)
    ends = [0, *itertools.accumulate(sizes), len(data)]
    both_hear_the_same([data[start:end] for start, end in itertools.pairwise(ends)])


def test_wherever_a_read_ends_what_is_heard_is_what_pika_hears() -> None:
    message = Message(body=b"", type="a.b", message_id="1", correlation_id="2", timestamp=3)
    ours = properties_of(Publication(exchange="", routing_key="", message=message, mandatory=True))
    confirm = pika.frame.Method(1, Basic.Ack(7)).marshal()
    data = delivery(1, 1, ours, b"first", 100) + confirm + delivery(1, 2, ours, b"second, in pieces", 10)
    for cut in range(len(data)):
        both_hear_the_same([data[:cut], data[cut:]])
