"""Deliveries of a real dispatcher, judged by the libraries of Standard Webhooks for JavaScript and for Python."""

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from shared.hooks.signature import made, read, signed
from shared.wire.events import InvoiceFiled
from tests.integration.dispatcher.desk import Desk
from tests.support.receiver import Receiver, Request
from tests.support.waiting import wait_until

NODE = Path(__file__).parent / "node"
REFUSED = {"error": "WebhookVerificationError"}
TITLE = "Rechnung für Žofie \u2013 請求書 😀 \u2028.pdf"
"""What two languages may write in different bytes."""


@dataclass(frozen=True)
class Shown:
    """What is shown to a judge."""

    secret: str
    headers: dict[str, str]
    body: bytes


Judge = Callable[[list[Shown]], list[dict[str, Any]]]
"""Of each the event, or the name of the error."""


def python(shown: list[Shown]) -> list[dict[str, Any]]:
    def judged(one: Shown) -> dict[str, Any]:
        try:
            return {"event": Webhook(one.secret).verify(one.body, one.headers)}
        except WebhookVerificationError as error:
            return {"error": type(error).__name__}

    return [judged(one) for one in shown]


@pytest.fixture(scope="module")
def javascript(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """Under Node, with the packages of the lock."""
    folder = tmp_path_factory.mktemp("judge") / "node"
    shutil.copytree(NODE, folder)
    subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=120)

    def judge(shown: list[Shown]) -> list[dict[str, Any]]:
        asked = [
            {"secret": one.secret, "headers": one.headers, "body": base64.b64encode(one.body).decode()}
            for one in shown
        ]
        done = subprocess.run(
            ["node", "verify.js"], input=json.dumps(asked), cwd=folder, capture_output=True, text=True, check=True,
            timeout=60,
        )  # fmt: skip
        judged: list[dict[str, Any]] = json.loads(done.stdout)
        return judged

    return judge


@pytest.fixture
def judges(javascript: Judge) -> dict[str, Judge]:
    return {"JavaScript": javascript, "Python": python}


def shown(request: Request, secret: str, body: bytes | None = None, **headers: str) -> Shown:
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    return Shown(secret, {**request.headers, **changed}, request.body if body is None else body)


def delivered(desk: Desk, receiver: Receiver, number: int) -> Request:
    """One more event, as the endpoint got it."""
    before = len(receiver.requests)
    desk.send(
        InvoiceFiled(
            file_id=number, source_file_id=number, version=1, title=TITLE, rule="acme", destination=748239,
            recipients=("manager@example.com",),
        ),
        number,
    )  # fmt: skip
    wait_until(lambda: len(receiver.requests) > before, 30, "the webhook")
    return receiver.requests[before]


def test_both_libraries_verify_what_is_sent_also_while_one_secret_replaces_another(
    desk: Desk, receiver: Receiver, judges: dict[str, Judge]
) -> None:
    old = desk.secret("erp")
    desk.start(desk.table("erp", receiver))
    before = delivered(desk, receiver, 1)
    new = desk.secret("erp", old)
    during = delivered(desk, receiver, 2)
    (desk.folder / "erp.secret").write_text(new)
    after = delivered(desk, receiver, 3)
    shows = [shown(request, secret) for request in (before, during, after) for secret in (old, new)]
    sent = {1: before.event, 2: during.event, 3: after.event}
    assert sent[1]["data"]["title"] == TITLE
    for name, judge in judges.items():
        assert judge(shows) == [
            {"event": sent[1]}, REFUSED,
            {"event": sent[2]}, {"event": sent[2]},
            REFUSED, {"event": sent[3]},
        ], name  # fmt: skip


def test_both_libraries_refuse_what_was_changed_or_comes_too_late(
    desk: Desk, receiver: Receiver, judges: dict[str, Judge]
) -> None:
    secret = desk.secret("erp")
    desk.start(desk.table("erp", receiver))
    request = delivered(desk, receiver, 1)
    keys = read(desk.folder / "erp.secret")

    def of_age(age_s: int) -> Shown:
        at = int(time.time()) - age_s
        signature = signed(keys, request.id, at, request.body)
        return shown(request, secret, webhook_timestamp=str(at), webhook_signature=signature)

    middle = len(request.body) // 2
    changed = request.body[:middle] + bytes([request.body[middle] ^ 1]) + request.body[middle + 1 :]
    refused = {
        "a byte of the body": shown(request, secret, changed),
        "the id": shown(request, secret, webhook_id="other"),
        "the timestamp": shown(
            request, secret, webhook_timestamp=str(int(request.headers["webhook-timestamp"]) - 1)
        ),
        "another's secret": shown(request, made()),
        "six minutes late": of_age(360),
        "six minutes early": of_age(-360),
    }
    for name, judge in judges.items():
        assert judge([shown(request, secret), of_age(240)]) == 2 * [{"event": request.event}], name
        judged = dict(zip(refused, judge(list(refused.values())), strict=True))
        assert judged == dict.fromkeys(refused, REFUSED), name
