"""The rows of the portal's log, as they were recorded: what waits, what ended, and which secret signed it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from shared.docspace.client import Client
from shared.docspace.signature import signer
from shared.docspace.webhook_log import LogEntry, newest, retry, webhook_log
from tests.support.recorded import exchange

Json = dict[str, Any]
RECORDED = exchange("hook-log-pending")["answer"]["response"][0]
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


class Log(Client):
    """Knows the log's route alone, and has no network."""

    def __init__(self, *rows: Json) -> None:
        self.rows = list(rows)
        self.asked: list[Mapping[str, int]] = []

    def call(self, method: str, path: str, kind: Any, **request: Any) -> Any:
        if method == "PUT":
            assert path == "settings/webhook/3128/retry"
            return msgspec.json.decode(json.dumps(exchange("hook-retry")["answer"]["response"]), type=kind)
        params: dict[str, int] = request["params"]
        self.asked.append(params)
        page = self.rows[params["startIndex"] : params["startIndex"] + params["count"]]
        return msgspec.json.decode(json.dumps(page), type=kind)


def rows_of(name: str) -> tuple[LogEntry, ...]:
    return newest(Log(*exchange(name)["answer"]["response"]))


def row(number: int, happened: datetime, **more: Any) -> Json:
    body = json.dumps({"event": {"createOn": happened.strftime("%Y-%m-%dT%H:%M:%SZ")}})
    return {"id": number, "requestPayload": body, **more}


def test_a_row_waits_only_until_its_delivery_ends_even_if_no_answer_ever_came() -> None:
    assert all(entry.waiting for entry in rows_of("hook-log-pending"))
    for name in ("hook-log-failed", "hook-log-reset", "hook-log-delivered"):
        assert not any(entry.waiting for entry in rows_of(name)), name
    assert [entry.delivered for entry in rows_of("hook-log-reset")] == [False]


def test_the_log_tells_which_secret_signed_the_last_attempt() -> None:
    (failed, *_) = rows_of("hook-log-failed")
    assert signer(failed.body, failed.signature, [b"Hook#Secret1234", b"Changed#Secret1"]) == 1
    assert signer(failed.body, failed.signature, [b"Hook#Secret1234"]) is None
    (pending, *_) = rows_of("hook-log-pending")
    assert pending.signature is None


def test_an_events_time_is_read_from_its_body_if_the_log_is_an_hour_off() -> None:
    (entry,) = newest(Log(row(5744, datetime(2026, 11, 29, 20, 32, 57, tzinfo=UTC), creationTime="19:32:57Z")))
    assert entry.happened_at == datetime(2026, 11, 29, 20, 32, 57, tzinfo=UTC)
    (berlin,) = rows_of("read-webhook-log-in-timezone")
    assert berlin.happened_at == entry.happened_at


@pytest.mark.parametrize(
    "headers",
    [None, 7, "", "{}", "[]", "{", '{"x-docspace-signature-256":[]}', '{"x-docspace-signature-256":[7]}'],
)
def test_headers_that_tell_no_signature_are_no_fault(headers: object) -> None:
    (entry,) = newest(Log(RECORDED | {"requestHeaders": headers, "responsePayload": "x"}))
    assert (entry.signature, entry.waiting) == (None, False)


def test_the_newest_are_those_with_the_largest_ids_whatever_their_order() -> None:
    log = Log(row(3, NOON), row(7, NOON - timedelta(hours=9)), row(5, NOON))
    assert [entry.id for entry in newest(log, 34)] == [7, 5, 3]
    assert log.asked[0]["configId"] == 34


def test_a_retry_of_an_old_event_does_not_end_the_reading_of_newer_ones() -> None:
    old = NOON - timedelta(days=2)
    log = Log(
        row(300, old), *(row(299 - number, NOON) for number in range(120)), *(row(100, old) for _ in range(200))
    )
    assert len(list(webhook_log(log, NOON - timedelta(hours=1)))) == 120
    assert len(log.asked) == 3, "a page without anything recent is the last that is read"


def test_a_retry_by_hand_tells_the_new_rows_id() -> None:
    assert retry(Log(), 3128) == 4985
