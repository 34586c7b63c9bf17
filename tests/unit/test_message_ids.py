"""The ids of messages: UUIDs that repeat, and the trace that they make."""

from uuid import NAMESPACE_URL, UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from shared.wire.message import derived_id, traceparent_for

NAMESPACE = uuid5(NAMESPACE_URL, "docspace-invoice-intake")


@given(st.lists(st.one_of(st.text(), st.integers(), st.none())))
def test_a_derived_id_is_the_uuid_of_its_parts(parts: list[object]) -> None:
    assert derived_id(*parts) == str(uuid5(NAMESPACE, "\x1f".join(map(str, parts))))


@given(st.uuids())
def test_the_trace_of_an_upload_is_its_correlation_id(upload: UUID) -> None:
    version, trace, span, flags = traceparent_for(str(upload)).split("-")
    assert (version, trace, len(span), flags) == ("00", upload.hex, 16, "01")


@given(st.text())
def test_a_correlation_id_that_is_no_uuid_has_a_trace_that_repeats(text: str) -> None:
    traces = {traceparent_for(text).split("-")[1] for _ in range(2)}
    assert len(traces) == 1
    assert len(traces.pop()) == 32
