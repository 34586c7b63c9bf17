"""What other rules would make of past uploads, which are what the classifier and its settler put on the stream."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings

from classifier.handler import Ports, handle
from console.rules.past_portal import AskedOnce
from console.rules.past_uploads import Outcome, collect
from console.rules.what_if import Compared, compare
from shared.docspace.errors import NotFoundError, UnreachableError
from shared.docspace.model import FileInfo
from shared.errors import PermanentError
from shared.rules.file import single_rule
from shared.rules.model import RuleSet
from shared.store.history.step import Delivery
from shared.wire.events import InvoiceDetected
from shared.wire.message import Message, Publication
from shared.wire.outcome import Dead
from tests.contract.test_explain import BODIES, PORTALS, RULES
from tests.unit.test_classifier_handler import Paths, PortalFake, folders
from tests.unit.test_history import SETTLER, on_stream

SECTION, ROOM, SUB, OTHER, INCOMING = 52817, 86190, 86193, 86250, 748239
PATHS: Paths = {
    ROOM: folders((SECTION, "Rooms"), (ROOM, "Acme")),
    SUB: folders((SECTION, "Rooms"), (ROOM, "Acme"), (SUB, "2026")),
    OTHER: folders((SECTION, "Rooms"), (OTHER, "Globex")),
}
AWAY = UnreachableError("the portal was not asked")
NOBODY = PortalFake(file_info=AWAY, paths=dict.fromkeys(PATHS, AWAY), room=AWAY, user=AWAY)


def rules(*, rooms=(ROOM,), titles=("invoice",), destination=INCOMING, recipients=("m@example.com",)) -> RuleSet:
    found = single_rule(str(rooms[0]), str(destination), "m@example.com").rules[0]
    changed = {"rooms": rooms, "titles": titles, "destination": destination, "recipients": recipients}
    return RuleSet(rules=(type(found).model_validate({"name": "new", **changed}),))


def webhook(number: int, title: str, folder: int = ROOM, trigger: str = "file.uploaded") -> Message:
    body = {
        "event": {"trigger": trigger, "createBy": "client"},
        "payload": {"id": number, "parentId": folder, "rootId": SECTION, "title": title, "fileEntryType": 2},
    }
    return Message(
        body=json.dumps(body).encode(), type=f"webhook.{trigger}", message_id=f"{number} {trigger}",
        correlation_id=f"upload {number}", timestamp=1_000 + number,
    )  # fmt: skip


def history(message: Message, live: RuleSet, portal) -> list[Delivery]:
    """What the stream keeps of a webhook that the classifier decided by `live`."""
    try:
        outcome = handle(message, Ports(live, portal))
    except PermanentError as error:
        outcome = Dead(str(error), error.code)
    came = Publication(exchange="docspace", routing_key=message.type, message=message, mandatory=True)
    return [on_stream(came), on_stream(SETTLER.settle(message, outcome, 2_000.0).publication)]


def portal_with(title: str) -> PortalFake:
    return PortalFake(file_info=FileInfo(id=1, title=title, folder_id=ROOM), paths=PATHS)


def past(*uploads: Message, live: RuleSet | None = None) -> list[Delivery]:
    titles = [json.loads(upload.body)["payload"]["title"] for upload in uploads]
    told = (
        history(upload, live or rules(), portal_with(title)) for upload, title in zip(uploads, titles, strict=True)
    )
    return [delivery for deliveries in told for delivery in deliveries]


def compared(deliveries, new, against=None, portal=NOBODY) -> list[Compared]:
    uploads, places = collect(deliveries, since=0)
    return [compare(upload, places, portal, new, against) for upload in uploads.values()]


@settings(max_examples=150, deadline=None)
@given(BODIES, RULES, PORTALS)
def test_the_rules_that_decided_change_nothing(body, live, portal) -> None:
    title = json.loads(body)["payload"].get("title")
    if isinstance(portal.file_info, FileInfo) and title:  # nobody renamed it within those seconds
        portal.file_info = FileInfo(id=1, title=title, folder_id=portal.file_info.folder_id)
    for folder, path in portal.paths.items():  # a path ends with the folder that it leads to
        if isinstance(path, tuple) and path:
            portal.paths[folder] = (*path, *folders((folder, f"folder {folder}")))
    message = Message(body=body, type="webhook.file.uploaded", message_id="m", correlation_id="c", timestamp=1)
    (one,) = compared(history(message, live, portal), live, portal=AskedOnce(portal))
    assert not one.changed, (one.old, one.new)


def test_another_title_makes_one_an_invoice_and_another_none() -> None:
    one, other, third = compared(
        past(webhook(1, "Invoice 1.pdf"), webhook(2, "Bill 2.pdf"), webhook(3, "Photo.jpg")),
        rules(titles=("bill",)),
    )
    assert [(told.old.outcome, told.new.outcome) for told in (one, other)] == [
        (Outcome.INVOICE, Outcome.SKIP), (Outcome.SKIP, Outcome.INVOICE),
    ]  # fmt: skip
    assert one.new.reason == 'rule "new": title "Invoice 1.pdf" does not start with "bill"'
    assert (one.changed, other.changed, third.changed) == (True, True, False)
    assert (one.room, other.room) == ("Acme", "Acme")


def test_another_folder_and_other_recipients_are_changes_and_another_name_is_none() -> None:
    deliveries = past(webhook(1, "Invoice 1.pdf"))
    changes: list[dict[str, Any]] = [{"destination": 5}, {"recipients": ("m@example.com", "n@example.com")}, {}]
    assert [compared(deliveries, rules(**change))[0].changed for change in changes] == [True, True, False]


def test_whether_who_was_told_managed_the_room_is_not_known_and_no_change() -> None:
    deliveries = past(webhook(1, "Invoice 1.pdf"))
    managers, others = ("room-managers",), ("room-managers", "n@example.com")
    assert [compared(deliveries, rules(recipients=told))[0].changed for told in (managers, others)] == [False, True]
    assert compared(deliveries, rules(recipients=managers), against=rules())[0].changed


def test_twins_are_one_upload_and_the_one_that_is_an_invoice_counts() -> None:
    twins = past(webhook(1, "Invoice 1.pdf", trigger="file.created"), webhook(1, "Invoice 1.pdf"))
    (one,) = compared(twins, rules())
    assert (one.old.outcome, one.new.outcome, one.changed) == (Outcome.INVOICE, Outcome.INVOICE, False)


def test_the_room_comes_from_the_history_where_an_invoice_was_filed_from_that_folder() -> None:
    deliveries = past(webhook(1, "Invoice 1.pdf", SUB), webhook(2, "Bill 2.pdf", SUB))
    assert [one.new.outcome for one in compared(deliveries, rules(titles=("bill",)))] == [
        Outcome.SKIP, Outcome.INVOICE,
    ]  # fmt: skip


def test_what_nobody_recorded_and_nobody_may_be_asked_is_unknown_and_never_a_no() -> None:
    deliveries = past(webhook(1, "Invoice 1.pdf", SUB), webhook(2, "Invoice 2.pdf", OTHER))
    elsewhere = rules(rooms=(777,))
    told = compared(deliveries, elsewhere)  # 777 may be a folder between the room and the upload's own
    assert [one.unknown for one in told] == [True, True]
    assert told[0].why_unknown == "the portal was not asked"
    asked = compared(deliveries, elsewhere, portal=PortalFake(paths=PATHS))
    assert [(one.unknown, one.changed) for one in asked] == [(False, True), (False, False)]


def test_a_folder_that_is_gone_is_unknown() -> None:
    deliveries = past(webhook(2, "Invoice 2.pdf", OTHER))
    gone = PortalFake(file_info=NotFoundError("gone"), paths={})
    (one,) = compared(deliveries, rules(), portal=gone)
    assert one.why_unknown == f"folder {OTHER} is no longer there, and its room not recorded"


def test_a_file_that_was_moved_and_renamed_since_is_judged_as_it_was() -> None:
    now = PortalFake(file_info=FileInfo(id=1, title="Done.pdf", folder_id=INCOMING), paths=PATHS)
    (one,) = compared(past(webhook(1, "Invoice 1.pdf", SUB)), rules(), portal=now)
    assert (one.new.outcome, one.changed) == (Outcome.INVOICE, False)


CREATED = datetime(2026, 7, 2, 10, tzinfo=UTC)


def created(number: int, title: str) -> Message:
    upload = webhook(number, title)
    body = json.loads(upload.body)
    body["payload"] |= {"createOn": "2026-07-02T10:00:00Z"}
    return msgspec.structs.replace(upload, body=json.dumps(body).encode())


def test_what_was_skipped_as_gone_is_gone_under_other_rules_too() -> None:
    another = FileInfo(id=1, title="Invoice 9.pdf", folder_id=ROOM, created_at=CREATED + timedelta(hours=1))
    deliveries = history(created(1, "Invoice 1.pdf"), rules(), PortalFake(file_info=another, paths=PATHS))
    (one,) = compared(deliveries, rules(titles=("inv",)))
    assert one.old.reason == "the file no longer exists: the portal gave its id to another one"
    assert (one.old.outcome, one.new.outcome, one.changed) == (Outcome.SKIP, Outcome.SKIP, False)


def test_an_unrecorded_title_is_not_taken_from_the_next_file_of_its_id() -> None:
    deliveries = past(created(1, ""), live=rules(titles=("bill",)))
    same, another = (
        FileInfo(id=1, title="Invoice 9.pdf", folder_id=ROOM, created_at=CREATED + timedelta(seconds=late))
        for late in (0, 3_600)
    )
    told = [
        compared(deliveries, rules(), portal=PortalFake(file_info=now, paths=PATHS))[0] for now in (same, another)
    ]
    assert [one.new.outcome for one in told] == [Outcome.INVOICE, Outcome.UNKNOWN]


def test_what_was_not_decided_yet_is_unknown() -> None:
    (one,) = compared(past(webhook(1, "Invoice 1.pdf"))[:1], rules())
    assert "not decided" in one.why_unknown
    assert not one.changed


def test_another_file_of_rules_can_stand_for_what_was_decided() -> None:
    deliveries = past(webhook(1, "Bill 1.pdf"), webhook(2, "Bill 2.pdf"))
    told = compared(deliveries, rules(titles=("bill 2",)), against=rules(titles=("bill",)))
    assert [(one.old.outcome, one.new.outcome) for one in told] == [
        (Outcome.INVOICE, Outcome.SKIP), (Outcome.INVOICE, Outcome.INVOICE),
    ]  # fmt: skip


def test_an_older_webhook_is_left_out_and_its_decision_still_tells_its_place() -> None:
    deliveries = past(webhook(1, "Invoice 1.pdf", SUB), webhook(2, "Bill 2.pdf", SUB))
    uploads, places = collect(deliveries, since=1_002)
    assert [upload.correlation_id for upload in uploads.values()] == ["upload 2"]
    assert places.path(SUB, rules()) is not None


def test_the_doctors_event_is_no_upload() -> None:
    probe = webhook(1, "", trigger="intake.probe")
    assert collect(history(probe, rules(), NOBODY), since=0)[0] == {}


def test_a_dead_letter_and_what_cannot_be_read_are_told() -> None:
    torn = Message(body=b"{", type="webhook.unreadable", message_id="m", correlation_id="c", timestamp=1)
    (one,) = compared(history(torn, rules(), NOBODY), rules())
    assert (one.old.outcome, one.new.outcome, one.changed) == (Outcome.DEAD, Outcome.DEAD, False)


def test_a_portal_that_is_down_is_asked_once() -> None:
    portal = PortalFake(file_info=AWAY, paths={}, user=AWAY)
    asked = AskedOnce(portal)
    for _ in range(3):
        compared(past(webhook(1, "Invoice 1.pdf", OTHER)), rules(), portal=asked)
    assert len(portal.calls) == 1


def test_each_folder_is_asked_once() -> None:
    portal = PortalFake(paths=PATHS)
    deliveries = past(*(webhook(number, f"Bill {number}.pdf", OTHER) for number in range(1, 6)))
    compared(deliveries, rules(titles=("bill",)), portal=AskedOnce(portal))
    assert portal.calls.count(("path", OTHER)) == 1


def test_a_detected_event_that_cannot_be_read_tells_nothing() -> None:
    key = InvoiceDetected.routing_key
    message = Message(body=b"[]", type=key, message_id="n", correlation_id="upload 1", timestamp=1)
    broken = on_stream(Publication(exchange="docspace", routing_key=key, mandatory=True, message=message))
    (one,) = compared([*past(webhook(1, "Invoice 1.pdf"))[:1], broken], rules())
    assert one.unknown
