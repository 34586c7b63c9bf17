"""A dead letter that a row keeps is the same when it is published again, whatever its headers hold."""

from datetime import UTC, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from console.actions.kept_letter import as_kept, as_letter
from shared.amqp.operator.dead_letters import DeadLetter
from shared.store.actions.action import Action, State
from shared.store.audit.store import Person, Through
from shared.text.outside import REASON_BYTES

ACTION = Action(
    id="a", verb="put away", filter={"why": "x" * 100_000}, count=1, asked_by=Person("Anna", Through.WEB),
    asked_at=0.0, state=State.RUNNING, done=0, failed=0, place=0, fault=None, holder=None, ended_at=None,
)  # fmt: skip
TIMES = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
NUMBERS = st.integers() | st.floats(allow_nan=False) | st.decimals(allow_nan=False)
PLAIN = st.none() | st.booleans() | NUMBERS | st.text() | st.binary() | TIMES
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


@example(
    headers={"a": {"$bytes": "none"}, "b": {"$table": {"$time": 1}}, "$time": b"x", "c": {"$decimal": "1"}},
    body=b"\xff",
)
@settings(max_examples=30)
@given(st.dictionaries(st.text(), VALUES), st.binary())
def test_headers_keep_their_types_and_the_body_its_bytes(headers, body) -> None:
    letter = DeadLetter(stage="mover", message_id="m", properties={"timestamp": 7}, headers=headers, body=body)
    assert as_letter(as_kept(letter, "1", ACTION)) == letter


def test_a_reason_of_any_length_fits_a_header() -> None:
    letter = DeadLetter(stage="mover", message_id="m", properties={}, headers={}, body=b"")
    assert len(as_kept(letter, "1", ACTION).why.encode()) <= REASON_BYTES
