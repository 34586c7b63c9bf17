"""Each publish is answered once, whatever the order in which a broker confirms: one by one, or many with gaps."""

from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.amqp.confirms import ConfirmChannel, NackedError, UnknownError
from shared.wire.message import Message, Publication

ANSWERS = st.lists(st.tuples(st.integers(1, 30), st.booleans(), st.sampled_from(["ack", "nack"])), max_size=30)


class Wire:
    """The channel and connection that are spoken to: it keeps what it is told to call, and answers nothing."""

    channel_number = 1
    is_open = True

    def __init__(self) -> None:
        self.connection = self
        self._confirmed: Any = None
        self._refused: Any = None

    def add_on_return_callback(self, _returned: Any) -> None:
        """None is returned here."""

    def on_confirm(self, _channel_number: int, confirmed: Any) -> None:
        self._confirmed = confirmed

    def confirm_delivery(self, refused: Any, callback: Any) -> None:
        self._refused = refused
        callback(None)

    def publish(self, _channel_number: int, _publication: Publication) -> None:
        """Where it goes does not matter here."""

    def answer(self, tag: int, kind: str, *, multiple: bool) -> None:
        if kind == "ack":
            self._confirmed(tag, multiple)
        else:
            self._refused(SimpleNamespace(method=SimpleNamespace(delivery_tag=tag, multiple=multiple)))


@settings(deadline=None)
@given(published=st.integers(0, 30), answers=ANSWERS)
def test_each_publish_is_answered_once_by_the_first_answer_that_covers_it(
    published: int, answers: list[Any]
) -> None:
    wire = Wire()
    told: dict[int, list[object]] = {tag: [] for tag in range(1, published + 1)}
    channel = ConfirmChannel(wire, lambda: None)
    for tag, outcomes in told.items():
        channel.publish(_publication(tag), outcomes.append)
    expected: dict[int, type | None] = {}
    for last, multiple, kind in answers:
        covered = range(1, last + 1) if multiple else [last]
        for tag in covered:
            if tag in told:
                expected.setdefault(tag, None if kind == "ack" else NackedError)
        wire.answer(last, kind, multiple=multiple)
        assert len(channel) == published - len(expected)
        assert channel.oldest == min(told.keys() - expected.keys(), default=None)
    channel.lost("cut")
    for tag, outcomes in told.items():
        (outcome,) = outcomes
        wanted = expected.get(tag, UnknownError)
        assert outcome is None if wanted is None else isinstance(outcome, wanted)


def _publication(tag: int) -> Publication:
    message = Message(body=b"{}", type="event.test", message_id=str(tag), correlation_id="c", timestamp=0)
    return Publication(exchange="", routing_key="q", message=message, mandatory=True)
