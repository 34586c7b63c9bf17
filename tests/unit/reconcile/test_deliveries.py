"""What the portal's log says of an upload's webhook: by the body's own time, newest first, ten pages at most."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.reconcile.deliveries import PAGE, PAGES, Standing, read
from shared.docspace.webhook_log import LogEntry
from tests.unit.reconcile.desk import CREATED, NOW, a_file

RECORDED = Path(__file__).parents[2] / "recorded"
SINCE = NOW - timedelta(hours=3)
HOOK = 7


def entry(
    row: int,
    at: datetime = CREATED,
    *,
    delivered: bool = False,
    retries: int | None = None,
    file: int = 7,
    hook: int = HOOK,
) -> LogEntry:
    """`retries` None: no attempt was made yet."""
    event = {"createOn": f"{at:%Y-%m-%dT%H:%M:%SZ}", "createBy": "u", "trigger": "file.uploaded"}
    webhook: dict[str, object] = {"id": hook}
    if retries is not None or delivered:
        event["id"] = str(row)
        webhook["retryCount"] = retries or None
    moment = f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"
    payload = {"id": file, "createOn": moment, "modifiedOn": moment, "fileEntryType": 2}
    body = json.dumps({"event": event, "payload": payload, "webhook": webhook}).encode()
    return log_entry(row, at, body, delivered=delivered)


def log_entry(row: int, at: datetime, body: bytes, *, delivered: bool) -> LogEntry:
    return LogEntry(id=row, happened_at=at, body=body, signature=None, waiting=not delivered, delivered=delivered)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([entry(5)], Standing.WAITING),
        ([entry(5, retries=2)], Standing.WAITING),
        ([entry(5, retries=5)], Standing.FAILED),
        ([entry(5, delivered=True)], Standing.DELIVERED),
        ([entry(6), entry(5, retries=5)], Standing.WAITING),
        ([entry(5, file=8)], Standing.ABSENT),
        ([entry(5, hook=8)], Standing.ABSENT),
        ([], Standing.ABSENT),
        ([entry(5, CREATED - timedelta(days=1))], Standing.ABSENT),
    ],
)
def test_a_row_that_waits_comes_and_one_that_failed_or_is_absent_does_not(
    rows: list[LogEntry], expected: Standing
) -> None:
    assert read(rows, {HOOK}, SINCE, NOW).standing(a_file()) is expected


def test_a_row_that_a_later_one_has_passed_long_ago_was_forgotten_in_a_restart() -> None:
    early, late = NOW - timedelta(minutes=40), NOW - timedelta(minutes=20)
    file = a_file(created_at=early, modified_at=early)
    for retries in (None, 1):
        waits = entry(5, early, retries=retries)
        passed = read([entry(6, late, delivered=True, file=8, hook=9), waits], {HOOK}, SINCE, NOW)
        assert passed.standing(file) is Standing.FORGOTTEN
        assert passed.last_forgotten == 5
        assert read([entry(6, NOW, delivered=True, file=8), waits], {HOOK}, SINCE, NOW).last_forgotten == 0
        assert read([waits], {HOOK}, SINCE, NOW).standing(file) is Standing.WAITING


def test_a_row_that_waits_for_hours_is_not_waited_for() -> None:
    at = NOW - timedelta(hours=2, minutes=1)
    found = read([entry(5, at)], {HOOK}, SINCE, NOW)
    assert found.standing(a_file(created_at=at, modified_at=at)) is Standing.FORGOTTEN


def counted(entries: list[LogEntry], taken: list[int]) -> Iterator[LogEntry]:
    for each in entries:
        taken.append(each.id)
        yield each


def test_the_logs_own_time_ends_nothing_and_a_page_of_older_events_does() -> None:
    old = [entry(number, SINCE - timedelta(seconds=1), delivered=True, file=9) for number in range(400, 100, -1)]
    again_by_hand = entry(500, SINCE - timedelta(days=2), delivered=True, file=9)
    taken: list[int] = []
    found = read(counted([again_by_hand, entry(450), *old], taken), {HOOK}, SINCE, NOW)
    assert found.standing(a_file()) is Standing.WAITING
    assert len(taken) == PAGE + 2


def test_beyond_ten_pages_nothing_is_known() -> None:
    busy = [
        entry(9_000 - number, NOW - timedelta(seconds=number), delivered=True, file=9) for number in range(1500)
    ]
    taken: list[int] = []
    found = read(counted(busy, taken), {HOOK}, SINCE, NOW)
    assert len(taken) == PAGE * PAGES
    assert found.standing(a_file()) is Standing.UNKNOWN
    young = a_file(created_at=NOW - timedelta(minutes=5), modified_at=NOW - timedelta(minutes=5))
    assert found.standing(young) is Standing.ABSENT


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hook-log-pending", Standing.WAITING),
        ("hook-log-failed", Standing.FAILED),
        ("hook-log-reset", Standing.FAILED),
        ("hook-log-delivered", Standing.DELIVERED),
    ],
)
def test_the_real_portals_rows_are_read_as_what_they_are(name: str, expected: Standing) -> None:
    (row,) = json.loads((RECORDED / f"{name}.json").read_text())["answer"]["response"][:1]
    body = row["requestPayload"].encode()
    event, hook = json.loads(body)["event"], json.loads(body)["webhook"]["id"]
    told = log_entry(row["id"], NOW, body, delivered="delivery" in row)
    now = datetime.fromisoformat(event["createOn"]) + timedelta(minutes=5)
    (found,) = read([told], {hook}, now - timedelta(hours=1), now).rows
    assert found.standing is expected
    assert found.occurred.tzinfo is UTC
