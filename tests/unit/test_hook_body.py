"""The body of a webhook: type, time and data, always under the limit of Standard Webhooks."""

import msgspec
import pytest

from shared.errors import PermanentError
from shared.hooks.body import MOST_BYTES, body_of, webhook_id
from shared.wire.events import EventSkipped, InvoiceFiled, encode
from shared.wire.message import Message

FILED = InvoiceFiled(
    file_id=7,
    source_file_id=7,
    version=1,
    title="Invoice.pdf",
    rule="acme",
    destination=2,
    recipients=("a@b.example",),
)
AT = 1_790_000_000


def message(body: bytes, kind: str = "invoice.filed", message_id: str = "m-1") -> Message:
    return Message(body=body, type=kind, message_id=message_id, correlation_id="c-1", timestamp=AT)


def test_the_body_is_type_timestamp_and_the_event_as_data() -> None:
    told = msgspec.json.decode(body_of(message(encode(FILED))))
    assert list(told) == ["type", "timestamp", "data"]
    assert (told["type"], told["timestamp"]) == ("invoice.filed", "2026-09-21T14:13:20Z")
    assert told["data"] == msgspec.json.decode(encode(FILED)) | {"correlation_id": "c-1"}


def test_the_same_message_gives_the_same_bytes() -> None:
    assert body_of(message(encode(FILED))) == body_of(message(encode(FILED)))


def test_what_is_too_long_goes_in_a_fixed_order_and_is_named() -> None:
    many = tuple(f"{n}@long.example" for n in range(2_000))
    told = msgspec.json.decode(body_of(message(encode(msgspec.structs.replace(FILED, recipients=many)))))
    assert "recipients" not in told["data"]
    assert told["data"]["left_out"] == ["recipients"]
    assert (told["data"]["title"], told["data"]["rule"]) == ("Invoice.pdf", "acme")


@pytest.mark.parametrize("size", [10_000, 30_000, 300_000])
def test_no_body_reaches_the_limit(size: int) -> None:
    long = EventSkipped(stage="classifier", reason="ä" * size, skipped="webhook.file.created", title="t" * size)
    body = body_of(message(encode(long), "event.skipped"))
    assert len(body) < MOST_BYTES
    assert msgspec.json.decode(body)["data"]["stage"] == "classifier"


def test_even_a_foreign_event_with_lists_of_anything_fits() -> None:
    foreign = msgspec.json.encode({"file_id": 1, "x": ["y" * 100] * 1_000, "z": {"k": "v" * 30_000}})
    told = msgspec.json.decode(body_of(message(foreign)))
    assert (told["data"]["file_id"], told["data"]["left_out"]) == (1, ["x", "z", "ends of texts"])


def test_what_is_no_object_is_a_permanent_error() -> None:
    with pytest.raises(PermanentError):
        body_of(message(b"[1]"))


def test_the_webhook_id_is_the_message_id_and_never_holds_a_dot() -> None:
    assert webhook_id(message(b"{}", message_id="0b54ad4e-1d51-5b5f-9f6e-5d6a5f0ad0c1")).startswith("0b54ad4e-")
    strange = webhook_id(message(b"{}", message_id="a.b\r\nx: y"))
    assert set(strange) <= set("0123456789abcdef-")
    assert strange == webhook_id(message(b"{}", message_id="a.b\r\nx: y"))
