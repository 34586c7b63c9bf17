"""How the portal stands with the webhooks of an upload, by its log: waiting, delivered, given up, forgotten. Pure.

The log's own times are UTC minus the portal's offset, labelled UTC: what is decided on is `event.createOn` of the
body that it keeps. That is the body of the last attempt, which numbers it (tests/recorded/hook-log-failed.json);
before the first it has no number (hook-log-pending.json).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import msgspec

from console.reconcile.event import UPLOADS
from console.reconcile.upload import uploaded_at
from shared.docspace.field import moment
from shared.docspace.ids import SAME_S, differ
from shared.docspace.model import FileInfo
from shared.docspace.payload import Webhook, parse
from shared.docspace.webhook_log import LogEntry
from shared.errors import PermanentError
from shared.text.reading import decoded

PAGE = 100
PAGES = 10
"""No more of the log are read: 70 ms each."""
LONGEST = timedelta(minutes=15)
"""Of a batch of the portal's: six attempts that each end without an answer after 100 s, and the waits between."""
RETRIES = 5
"""After the first attempt; then the portal gives it up."""
FORGOTTEN = timedelta(hours=2)
"""A row that waits for longer was in hand when the portal restarted; held up by others, it waits for an hour."""


class _Sender(msgspec.Struct, rename="camel"):
    retry_count: Any = None


class _Body(msgspec.Struct):
    webhook: _Sender


_body = msgspec.json.Decoder(_Body)


class Standing(Enum):
    WAITING = "its webhook waits at the portal, and will come"
    DELIVERED = "its webhook was delivered, and no worker has begun with it"
    FAILED = "the portal gave its webhook up"
    FORGOTTEN = "the portal restarted before it sent its webhook"
    ABSENT = "the portal's log has no webhook of it"
    UNKNOWN = "whether its webhook waits at the portal is not known"


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    webhook: Webhook
    occurred: datetime
    standing: Standing


class Deliveries:
    def __init__(self, rows: Iterable[Row], reached: datetime | None) -> None:
        """`reached`: how far back the log was read; None: to its end."""
        self.rows = tuple(rows)
        self._reached = reached
        self._by_file: defaultdict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            if row.webhook.trigger in UPLOADS:
                self._by_file[str(row.webhook.entry.id)].append(row)

    @property
    def last_forgotten(self) -> int:
        """The highest id of a row that the portal never sent and never will; 0 where there is none."""
        return max((row.id for row in self.rows if row.standing is Standing.FORGOTTEN), default=0)

    def standing(self, file: FileInfo) -> Standing:
        """Of what the file's last upload brought. One that waits comes, whatever became of the others."""
        at = uploaded_at(file)
        rows = [
            row
            for row in self._by_file.get(str(file.id), ())
            if not differ(moment(row.webhook.entry.created_at), file.created_at)
        ]
        if any(row.standing is Standing.WAITING for row in rows):
            return Standing.WAITING
        same = {row.standing for row in rows if at is None or not _differ(row, at)}
        for standing in (Standing.DELIVERED, Standing.FORGOTTEN, Standing.FAILED):
            if standing in same:
                return standing
        is_read = self._reached is None or (at is not None and at >= self._reached)
        return Standing.ABSENT if is_read else Standing.UNKNOWN


LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)
NOT_READ = Deliveries((), datetime.max.replace(tzinfo=UTC))
"""Where the key may not read the log."""


def read(entries: Iterable[LogEntry], ours: Collection[int], since: datetime, now: datetime) -> Deliveries:
    """`entries` come newest first, and no more are taken than needed; `ours` are the webhooks that call us.

    A retry by hand is a new row with the time of the old event: reading ends where a whole page is older.
    """
    rows: list[Row] = []
    older, passed, last = 0, LONG_AGO, since
    for count, entry in enumerate(entries, start=1):
        row = _row(entry, now, passed=passed)
        if row is not None:
            if row.standing in _SENT and row.occurred < now - LONGEST:
                passed = max(passed, row.occurred)
            older = older + 1 if row.occurred < since else 0
            last = row.occurred
            if row.webhook.webhook_id in ours:
                rows.append(row)
        if older >= PAGE:
            return Deliveries(rows, since)
        if count >= PAGE * PAGES:
            return Deliveries(rows, max(last, since))
    return Deliveries(rows, None)


_SENT = frozenset({Standing.DELIVERED, Standing.FAILED})


def _row(entry: LogEntry, now: datetime, *, passed: datetime) -> Row | None:
    """`passed`: of the last event that is surely sent, in a later row; the portal sends them in their order."""
    try:
        webhook = parse(entry.body)
    except PermanentError:
        return None
    occurred = moment(webhook.occurred_at)
    if occurred is None:
        return None
    if entry.delivered:
        standing = Standing.DELIVERED
    elif _retries(entry.body) >= RETRIES:
        standing = Standing.FAILED
    elif passed >= occurred or now - occurred > FORGOTTEN:
        standing = Standing.FORGOTTEN
    else:
        standing = Standing.WAITING
    return Row(entry.id, webhook, occurred, standing)


def _retries(body: bytes) -> int:
    """That the attempt was which sent this body; 0 for the first, and where there was none yet."""
    try:
        count = decoded(_body, body).webhook.retry_count
    except msgspec.DecodeError:
        return 0
    return count if isinstance(count, int) else 0


def _differ(row: Row, uploaded: datetime) -> bool:
    told = moment(row.webhook.entry.modified_at) or row.occurred
    return abs((told - uploaded).total_seconds()) > SAME_S
