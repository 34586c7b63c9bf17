"""What a change of a webhook sends to the portal: what is not told is not changed, least of all to everything."""

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from shared.docspace.client import Client
from shared.docspace.errors import RefusedError
from shared.docspace.webhooks import Webhook, Webhooks

Json = dict[str, Any]
HOOK = Webhook(
    id=7, name="intake", url="http://a/docspace/webhook", enabled=True, triggers=frozenset({"file.created"})
)
TRIGGERS = [{"name": "*", "id": 0}, {"name": "file.created", "id": 128}, {"name": "file.uploaded", "id": 256}]


class Kept(Client):
    """Keeps what is sent, and answers it. It has no network."""

    def __init__(self) -> None:
        self.sent: list[Json] = []

    def call(self, method: str, path: str, kind: Any, **request: Any) -> Any:  # noqa: ARG002 # the base class's name
        if "json" in request:
            self.sent.append(request["json"])
        return msgspec.json.decode(_json(TRIGGERS if path.endswith("triggers") else {"id": 7}), type=kind)


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def sent(hook: Webhook, **changes: Any) -> Json:
    client = Kept()
    Webhooks(client).update(hook, **changes)
    return client.sent[-1]


def test_triggers_that_were_not_told_are_never_sent_as_every_trigger() -> None:
    untold = replace(HOOK, triggers=frozenset())
    client = Kept()
    untold_triggers: tuple[list[str] | None, ...] = (None, [])
    for triggers in untold_triggers:
        with pytest.raises(RefusedError, match="does not say the triggers of webhook 7"):
            Webhooks(client).update(untold, triggers=triggers)
    assert client.sent == []
    assert sent(untold, triggers=["file.uploaded"])["triggers"] == 256


def test_every_trigger_stays_every_one_and_a_bit_without_a_name_stays() -> None:
    assert sent(replace(HOOK, triggers=frozenset({"*"})))["triggers"] == 0
    assert sent(replace(HOOK, unnamed=2**40), triggers=["file.created", "file.uploaded"])["triggers"] == 2**40 | 384
    assert sent(replace(HOOK, triggers=frozenset(), unnamed=2**40))["triggers"] == 2**40


def test_an_http_address_is_sent_without_ssl_and_the_secret_only_if_given() -> None:
    assert (sent(HOOK)["ssl"], sent(HOOK)["secretKey"]) == (False, "")
    https = replace(HOOK, url="https://a/docspace/webhook")
    assert (sent(https)["ssl"], sent(https, secret="New-Secret-2")["secretKey"]) == (True, "New-Secret-2")
    assert sent(https, url="http://a/docspace/webhook")["ssl"] is False
    assert sent(replace(https, checks_certificate=False))["ssl"] is False
