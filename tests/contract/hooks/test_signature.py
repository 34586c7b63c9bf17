"""Our signatures, verified by the library of Standard Webhooks."""

import time
from pathlib import Path

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from shared.hooks.signature import NoSecretError, made, read, signed

BODY = '{"type":"invoice.filed","timestamp":"2026-11-30T00:00:00Z","data":{"title":"Ünïcode"}}'.encode()


def headers(secret_file: Path, body: bytes = BODY, at: int | None = None) -> dict[str, str]:
    at = int(time.time()) if at is None else at
    return {
        "webhook-id": "m-1",
        "webhook-timestamp": str(at),
        "webhook-signature": signed(read(secret_file), "m-1", at, body),
    }


def test_the_library_of_standard_webhooks_verifies_our_signature(tmp_path: Path) -> None:
    secret = made()
    (tmp_path / "s").write_text(f"{secret}\n")
    assert Webhook(secret).verify(BODY, headers(tmp_path / "s"))["type"] == "invoice.filed"


def test_while_one_secret_replaces_another_both_verify(tmp_path: Path) -> None:
    old, new, other = made(), made(), made()
    (tmp_path / "s").write_text(f"\n{new}\r\n  {old}  \n")
    for secret in (old, new):
        Webhook(secret).verify(BODY, headers(tmp_path / "s"))
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(BODY, headers(tmp_path / "s"))


@pytest.mark.parametrize(
    "change", [{"webhook-id": "m-2"}, {"webhook-timestamp": str(int(time.time()) - 9)}, {"body": b"{}"}]
)
def test_each_of_id_time_and_body_is_signed(tmp_path: Path, change: dict[str, str]) -> None:
    secret = made()
    (tmp_path / "s").write_text(secret)
    told = headers(tmp_path / "s") | {name: value for name, value in change.items() if name != "body"}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(change.get("body", BODY), told)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("whsec_c2hvcnQ=", "line 1: is no whsec_… of 24 to 64 bytes"),
        ("c2hvcnRzaG9ydHNob3J0c2hvcnRzaG9ydHNob3J0", "line 1: is no whsec_…"),
        ("\nwhsec_ä", "line 2: is no whsec_… in base64"),
    ],
)
def test_a_secret_that_cannot_be_used_is_told_without_itself(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "s").write_text(content)
    with pytest.raises(NoSecretError, match=said) as raised:
        read(tmp_path / "s")
    assert "c2hvcn" not in str(raised.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoSecretError, match="cannot be read: No such file"):
        read(tmp_path / "none")
