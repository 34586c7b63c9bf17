"""The second look: what was put away or comes late is left, and who uploaded it is asked of nobody who may lie."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from console.reconcile.backlog import Backlog
from console.reconcile.confirm import Confirmed, Evidence, confirmed
from console.reconcile.deliveries import NOT_READ, Deliveries, read
from console.reconcile.event import UNKNOWN, Uploader
from console.reconcile.finding import State
from console.reconcile.past_events import Past, brought_in, past_of
from shared.docspace.file_log import Act
from shared.docspace.model import FileInfo
from shared.runtime.settle import DEAD, EXCHANGE
from shared.store.history.step import Delivery
from shared.wire.message import Message
from tests.unit.reconcile.desk import CLIENT, CREATED, NOW, SERVICE, WINDOW, a_file, judge_of, judged
from tests.unit.reconcile.test_deliveries import HOOK, SINCE, entry

BY_CLIENT = (Act("FileUploaded", CLIENT, "Jane"),)
EMPTY = Deliveries((), None)
NOTHING = Backlog(at=NOW.timestamp())


def delivery(
    body: dict[str, Any], key: str, exchange: str = EXCHANGE, app: str = "ingress", at: datetime = CREATED
) -> Delivery:
    message = Message(
        body=json.dumps(body).encode(), type=key, message_id="m", correlation_id="c",
        timestamp=int(at.timestamp()), app_id=app,
    )  # fmt: skip
    headers = {"at_ms": int(at.timestamp() * 1000)}
    return Delivery(offset=0, exchange=exchange, routing_key=key, message=message, headers=headers)


def webhook(actor: str, modified: datetime = CREATED, created: datetime = CREATED, file: int = 7) -> dict[str, Any]:
    payload = {
        "id": file, "createOn": f"{created:%Y-%m-%dT%H:%M:%SZ}", "modifiedOn": f"{modified:%Y-%m-%dT%H:%M:%SZ}",
        "fileEntryType": 2,
    }  # fmt: skip
    return {"event": {"id": 1, "trigger": "file.uploaded", "createBy": actor}, "payload": payload}


class Log:
    """The portal's log of files, which counts who asks."""

    def __init__(self, acts: Sequence[Act] | None = BY_CLIENT) -> None:
        self.acts = acts
        self.asked: list[int | str] = []

    def __call__(self, file: FileInfo) -> Sequence[Act] | None:
        self.asked.append(file.id)
        return self.acts


def look(
    file: FileInfo, log: Log | None = None, past: Past | None = None, deliveries: Deliveries = EMPTY
) -> Confirmed:
    judge = judge_of()
    evidence = Evidence(past or Past(), deliveries, log or Log(), WINDOW.until, NOTHING)
    (found,) = confirmed(judge, [judged(file, judge)], evidence)
    return found


@pytest.mark.parametrize(
    ("at", "expected"),
    [(NOW - timedelta(minutes=29), State.DISCARDED), (NOW - timedelta(minutes=31), State.MISSED)],
)
def test_what_a_person_discarded_is_not_sent_in_again_unless_it_changed_since(
    at: datetime, expected: State
) -> None:
    put_away, replayed = (
        delivery({"file_id": 7}, f"mover.{what}", DEAD, at=at) for what in ("discarded", "replayed")
    )
    found = look(a_file(), past=past_of([put_away], {"7"})).finding
    assert (found.state, found.settled) == (expected, expected is State.DISCARDED)
    assert look(a_file(), past=past_of([replayed], {"7"})).finding.state is State.MISSED
    assert past_of([put_away], {"8"}).discarded == {}


def test_an_upload_whose_webhook_waits_at_the_portal_is_late_and_asks_nothing() -> None:
    log = Log()
    found = look(a_file(), log, deliveries=read([entry(5)], {HOOK}, SINCE, NOW)).finding
    assert (found.state, found.reason) == (State.LATE, "its webhook waits at the portal, and will come")
    assert log.asked == []


@pytest.mark.parametrize(
    ("deliveries", "said"),
    [
        (EMPTY, "the portal's log has no webhook of it"),
        (NOT_READ, "whether its webhook waits at the portal is not known"),
        (read([entry(5, retries=5)], {HOOK}, SINCE, NOW), "the portal gave its webhook up"),
    ],
)
def test_why_it_counts_as_missed_is_said(deliveries: Deliveries, said: str) -> None:
    found = look(a_file(), deliveries=deliveries)
    assert found.finding.reason == f'rule "default"; {said}'
    assert found.uploader == Uploader(CLIENT, "Jane")


def test_our_own_event_tells_the_uploader_and_the_portals_log_is_not_asked() -> None:
    log = Log()
    past = past_of([delivery(webhook("first"), "webhook.file.uploaded")], {"7"})
    renamed = a_file(modified_by=SERVICE, modified_at=NOW - timedelta(minutes=9))
    for file in (a_file(), renamed):
        assert look(file, log, past).uploader == Uploader("first")
    assert log.asked == []


@pytest.mark.parametrize(
    "other",
    [
        delivery(webhook("other", created=CREATED - timedelta(days=1)), "webhook.file.uploaded"),
        delivery(webhook("other", modified=CREATED - timedelta(minutes=5)), "webhook.file.uploaded"),
        delivery(webhook("other"), "webhook.file.uploaded", app="reconcile"),
        delivery(webhook("other"), "webhook.file.updated"),
        delivery(webhook("other", file=8), "webhook.file.uploaded"),
    ],
    ids=["a file that had the id before", "another version", "of a sweep", "no upload", "another file"],
)
def test_an_event_of_another_upload_names_nobody(other: Delivery) -> None:
    log = Log()
    past = past_of([other], {"7"})
    assert look(a_file(), log, past).uploader == Uploader(CLIENT, "Jane")
    assert log.asked == [7]


def test_an_event_that_came_a_moment_ago_is_left_to_the_pipeline() -> None:
    past = past_of([delivery(webhook(CLIENT), "webhook.file.uploaded", at=NOW)], {"7"})
    assert look(a_file(), past=past).finding.state is State.LATE


def test_the_service_users_own_upload_is_skipped_and_not_asked_about_again() -> None:
    own = look(a_file(), Log([Act("FileUploaded", SERVICE)])).finding
    assert (own.state, own.settled) == (State.NO_INVOICE, True)
    assert own.reason == 'rule "default": user service is the service user itself'


def test_an_unknown_uploader_is_called_unknown_and_who_changed_it_decides_nothing() -> None:
    for acts in ((), None):
        found = look(a_file(modified_by=SERVICE), Log(acts))
        assert (found.finding.state, found.uploader) == (State.MISSED, UNKNOWN)
        assert found.finding.reason.endswith(
            "who uploaded it is not known, so it was not looked at whether the service user did"
        )


def test_only_what_seems_missed_is_asked_about() -> None:
    log = Log()
    evidence = Evidence(Past(), EMPTY, log, WINDOW.until, NOTHING)
    assert list(confirmed(judge_of(), [], evidence)) == []
    assert log.asked == []


def test_folders_and_rooms_that_came_in_are_told_with_the_last_time() -> None:
    def moved(entry_id: int, key: str, at: datetime) -> Delivery:
        return delivery({"event": {"trigger": key}, "payload": {"id": entry_id}}, f"webhook.{key}", at=at)

    later = CREATED + timedelta(minutes=1)
    found = brought_in(
        [
            moved(5, "folder.moved", CREATED),
            moved(5, "folder.restored", later),
            moved(6, "room.restored", CREATED),
            moved(8, "folder.created", CREATED),
            delivery({}, "webhook.folder.moved"),
        ]
    )
    assert found == {5: later.timestamp(), 6: CREATED.timestamp()}
