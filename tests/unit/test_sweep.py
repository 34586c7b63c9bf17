"""The sweep's findings, without a network: the portal and the ledger are small classes with the same methods."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from console import sweep_event, sweep_webhook
from console.sweep import State, Sweep, Window
from console.sweep_dead import discarded, files_of
from shared.amqp.dead_letters import DeadLetter
from shared.docspace.errors import NotFoundError
from shared.docspace.model import FileInfo, FolderInfo
from shared.docspace.webhooks import Webhook
from shared.history.step import Delivery
from shared.ledger import Done, Free, Held
from shared.message import Message, derived_id
from shared.rules.file import single_rule
from shared.webhook import parse

ROOM, DESTINATION, CLIENT, SERVICE = 86190, 748239, "client", "service"
NOW = datetime(2026, 7, 2, 12, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(hours=2), NOW - timedelta(minutes=2))
KEY = "move:portal:7:1"


def a_file(**changed: object) -> FileInfo:
    facts = {
        "id": 7, "title": "Invoice.pdf", "folder_id": ROOM, "created_by": CLIENT, "modified_by": CLIENT,
        "modified_at": NOW - timedelta(minutes=30),
    }  # fmt: skip
    return FileInfo(**(facts | changed))  # type: ignore[arg-type]


class Portal:
    def __init__(self, *files: FileInfo) -> None:
        self.files = files

    def self_id(self) -> str:
        return SERVICE

    def file(self, file_id: int | str) -> FileInfo:
        for file in self.files:
            if file.id == file_id:
                return file
        raise NotFoundError("gone")

    def files_below(self, folder_id: int | str, since: datetime) -> Iterator[FileInfo]:
        assert folder_id == ROOM
        return (file for file in self.files if file.modified_at is None or file.modified_at >= since)

    def folder_path(self, folder_id: int | str) -> tuple[FolderInfo, ...]:
        return (FolderInfo(id=52817, title="Rooms"), FolderInfo(id=folder_id, title="Acme"))


class Claims:
    def __init__(self, known: Done | Held | Free) -> None:
        self.known = known
        self.asked: list[str] = []

    def peek(self, key: str) -> Done | Held | Free:
        self.asked.append(key)
        return self.known


def states(
    *files: FileInfo,
    claim: Done | Held | Free | None = None,
    dead: tuple[str, ...] = (),
    discarded: dict[str, float] | None = None,
) -> list[State]:
    rules = single_rule(str(ROOM), str(DESTINATION), "manager@example.com")
    sweep = Sweep(
        rules, Portal(*files), Claims(claim or Free()), "portal", frozenset(dead), discarded=lambda: discarded or {}
    )
    return [finding.state for finding in sweep.room(ROOM, WINDOW)]


@pytest.mark.parametrize(
    ("claim", "state"),
    [
        (Free(), State.MISSED),
        (Free("a move was sent"), State.UNDER_WAY),
        (Held(30.0), State.UNDER_WAY),
        (Done("{}"), State.DONE),
    ],
)
def test_the_ledger_says_how_far_an_invoice_has_come(claim: Done | Held | Free, state: State) -> None:
    assert states(a_file(), claim=claim) == [state]


def test_what_waits_as_a_dead_letter_is_not_sent_in_again() -> None:
    assert states(a_file(), dead=("7",)) == [State.DEAD]


@pytest.mark.parametrize(
    ("discarded_at", "state"),
    [(NOW - timedelta(minutes=29), State.DISCARDED), (NOW - timedelta(minutes=31), State.MISSED)],
)
def test_what_a_person_discarded_is_not_sent_in_again_unless_it_changed_since(
    discarded_at: datetime, state: State
) -> None:
    letter = Message(
        body=b'{"file_id":7}', type="invoice.detected", message_id="m", correlation_id="c", timestamp=1
    )
    headers = {"at_ms": int(discarded_at.timestamp() * 1000)}
    put_away, replayed = (
        Delivery(offset=0, exchange="dead", routing_key=f"mover.{what}", message=letter, headers=headers)
        for what in ("discarded", "replayed")
    )
    assert states(a_file(), discarded=discarded([put_away])) == [state]
    assert states(a_file(), discarded=discarded([replayed])) == [State.MISSED]


def test_no_invoice_by_the_rules_stays_where_it_is() -> None:
    assert states(a_file(title="Contract.pdf")) == [State.NO_INVOICE]
    assert states(a_file(folder_id=99)) == [State.NO_INVOICE]


def test_what_the_service_user_uploaded_is_our_own_doing() -> None:
    assert states(a_file(modified_by=SERVICE)) == [State.NO_INVOICE]


def test_what_lies_in_the_destination_is_filed() -> None:
    assert states(a_file(folder_id=DESTINATION)) == [State.FILED]


def test_the_youngest_are_left_to_their_webhooks_and_the_oldest_are_not_listed() -> None:
    young, old = a_file(id=8, modified_at=NOW), a_file(id=9, modified_at=NOW - timedelta(hours=3))
    assert states(young, a_file(), old) == [State.FRESH, State.MISSED]


def test_files_by_their_ids_leave_out_those_that_are_gone() -> None:
    rules = single_rule(str(ROOM), str(DESTINATION), "manager@example.com")
    claims = Claims(Free())
    sweep = Sweep(rules, Portal(a_file()), claims, "portal", frozenset(), discarded=dict)
    assert [finding.file.id for finding in sweep.files([6, 7], WINDOW)] == [7]
    assert claims.asked == [KEY]


def test_an_events_ids_are_those_of_the_upload_and_repeat() -> None:
    file = a_file()
    body = sweep_event.body(file, "file.uploaded")
    one, other = (sweep_event.publication(file, body, "file.uploaded", "portal", now).message for now in (1, 2))
    assert (one.message_id, one.correlation_id) == (other.message_id, other.correlation_id)
    assert one.correlation_id == derived_id("upload", 7, "2026-07-02T11:30:00Z")  # as the ingress derives it
    newer = a_file(version=2, modified_at=NOW)
    assert sweep_event.publication(newer, body, "file.uploaded", "portal", 1).message.message_id != one.message_id
    webhook = parse(body)
    assert (webhook.entry.id, webhook.entry.parent_id, webhook.actor) == (7, ROOM, CLIENT)


def test_dead_letters_of_every_stage_name_their_file() -> None:
    bodies = [{"file_id": 7, "title": "x"}, {"event": {}, "payload": {"id": "sbox-1"}}, {"payload": {}}, ["no"]]
    letters = [
        DeadLetter(stage="mover", message_id="m", properties={}, headers={}, body=json.dumps(body).encode())
        for body in bodies
    ]
    assert files_of(letters) == {"7", "sbox-1"}


HOOK = Webhook(
    id=1, name="intake", url="https://h.example/docspace/webhook", enabled=True, triggers=frozenset({"*"})
)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([HOOK], None),
        ([], "has no webhook"),
        (
            [Webhook(id=2, name="o", url="https://else", enabled=True, triggers=frozenset({"*"}))],
            "has no webhook",
        ),
        (
            [Webhook(id=1, name="i", url=HOOK.url, enabled=False, triggers=HOOK.triggers, last_failure="503")],
            "disabled (its last failure: 503)",
        ),
        (
            [Webhook(id=1, name="i", url=HOOK.url, enabled=True, triggers=frozenset({"file.created"}))],
            "lacks the triggers file.uploaded",
        ),
    ],
)
def test_a_webhook_that_cannot_bring_uploads_is_named(found: list[Webhook], said: str | None) -> None:
    fault = sweep_webhook.fault(found, {"file.created", "file.uploaded"})
    assert fault is None if said is None else said in (fault or "")
