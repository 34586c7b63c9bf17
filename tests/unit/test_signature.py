"""The webhook's signature and labels, by the vectors of DocSpace's own sender."""

import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.webhook import received
from shared.docspace.signature import sign, signer

SECRET = b"test123!@#%ABC"
BODY = (
    b'{"event":{"id":42,"createOn":"2026-09-16T10:30:00Z","createBy":"c9b1f0e2-3a4b-4c5d-8e9f-0a1b2c3d4e5f",'
    b'"trigger":"file.created","triggerId":128},"payload":{"id":1001,"pureTitle":"Q3 report.docx",'
    b'"fileEntryType":1},"webhook":{"id":7,"name":"ci","url":"https://example.com/hooks",'
    b'"triggers":["file.created"]}}'
)
SIGNATURE = "sha256=E87CD656882927F296A70F1B7A67F83F9F70D7F087A108088E7B5CE223B3088E"
UTF8_BODY = '{"payload":{"pureTitle":"Отчёт.docx"}}'.encode()
UTF8_SIGNATURE = "sha256=08EF5457202BA6E1E7D023B9C1975755B307BB10D49A09F0675A2FB97065E0CC"


@pytest.mark.parametrize(("body", "signature"), [(BODY, SIGNATURE), (UTF8_BODY, UTF8_SIGNATURE)])
def test_docspaces_own_vectors_are_taken_in_either_case(body: bytes, signature: str) -> None:
    scheme, digest = signature.split("=")
    assert signer(body, signature, [SECRET]) == 0
    assert signer(body, f"{scheme}={digest.lower()}", [SECRET]) == 0


def test_what_the_console_signs_is_signed_as_docspace_does() -> None:
    assert (sign(SECRET, BODY), sign(SECRET, UTF8_BODY)) == (SIGNATURE, UTF8_SIGNATURE)


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "sha256=",
        "sha256",
        SIGNATURE.removeprefix("sha256="),
        SIGNATURE.replace("sha256", "sha1"),
        SIGNATURE[:-1],
        SIGNATURE + "0",
        SIGNATURE[:-1] + "F",
        "sha256=é",
        "sha256=\udcff",
    ],
)
def test_a_missing_malformed_or_wrong_signature_is_refused(signature: str | None) -> None:
    assert signer(BODY, signature, [SECRET]) is None


def test_any_of_several_secrets_may_have_signed_and_no_secret_never_matches() -> None:
    assert signer(BODY, SIGNATURE, [b"new", SECRET]) == 1
    assert signer(BODY, SIGNATURE, [SECRET, b"new"]) == 0
    assert signer(BODY, SIGNATURE, [b"new"]) is None
    assert signer(BODY, SIGNATURE, []) is None


@given(body=st.binary(), secret=st.binary(min_size=1), flip=st.integers(min_value=0))
def test_one_changed_byte_of_the_body_is_refused(body: bytes, secret: bytes, flip: int) -> None:
    signature = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest().upper()
    assert signer(body, signature, [secret]) == 0
    changed = bytearray(body or b"x")
    changed[flip % len(changed)] ^= 1
    assert signer(bytes(changed), signature, [secret]) is None


def webhook(
    event_id: int = 1, trigger: str = "file.uploaded", modified: str = "2026-07-02T09:14:30Z", **extra: object
) -> bytes:
    return json.dumps(
        {
            "event": {"id": event_id, "trigger": trigger},
            "payload": {"id": 748301, "modifiedOn": modified},
            "webhook": {"id": 7, **extra},
        }
    ).encode()


def test_the_body_is_published_as_it_came_under_its_trigger() -> None:
    message = received(webhook(), 1_700_000_000)
    assert (message.body, message.type, message.timestamp) == (webhook(), "webhook.file.uploaded", 1_700_000_000)


def test_a_message_says_to_the_millisecond_when_its_webhook_came() -> None:
    message = received(webhook(), 1_700_000_000.987)
    assert (message.timestamp, message.received_at) == (1_700_000_000, 1_700_000_000.987)


def test_an_automatic_retry_has_a_new_body_and_the_same_ids() -> None:
    first, again = received(webhook(), 0), received(webhook(retryCount=1), 0)
    assert first.body != again.body
    assert (first.message_id, first.correlation_id) == (again.message_id, again.correlation_id)


def test_twins_share_the_correlation_id_and_not_the_message_id() -> None:
    created, uploaded = received(webhook(1, "file.created"), 0), received(webhook(2), 0)
    assert created.correlation_id == uploaded.correlation_id
    assert created.message_id != uploaded.message_id


def test_a_new_version_of_the_file_has_a_correlation_id_of_its_own() -> None:
    assert (
        received(webhook(1), 0).correlation_id
        != received(webhook(2, modified="2026-07-03T09:14:30Z"), 0).correlation_id
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'"text"',
        b"{}",
        b'{"event":null}',
        b'{"event":{}}',
        b'{"event":{"trigger":5}}',
        b'{"event":{"trigger":""}}',
        b'{"event":{"trigger":"' + b"x" * 300 + b'"}}',
    ],
)
def test_what_has_no_readable_trigger_is_published_as_unreadable(body: bytes) -> None:
    assert received(body, 0).type == "webhook.unreadable"
    assert received(body, 0).body == body


@given(st.binary(max_size=200) | st.text().map(str.encode))
def test_no_body_whatever_makes_labelling_fail(body: bytes) -> None:
    assert received(body, 0).type.startswith("webhook.")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["event", "payload", "webhook", "id", "trigger", "modifiedOn"]), inner, max_size=4
            )
        ),
    )
)
def test_no_json_whatever_makes_labelling_fail(value: object) -> None:
    assert received(json.dumps(value).encode(), 0).type.startswith("webhook.")
