"""The sweep's findings, without a network: the portal and the ledger are small classes with the same methods."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from console.reconcile import event as sweep_event
from console.reconcile import webhook_health
from console.reconcile.compare import State, Sweep, Window
from console.reconcile.dead_files import Subject, discarded, files_of
from shared.amqp.dead_letters import DeadLetter
from shared.docspace.errors import NotFoundError, PortalFaultError, ScopeMissingError
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
CREATED = NOW - timedelta(minutes=30)
KEY = "move:default:7:1:2026-07-02T11:30:00.000000Z"
RELEASED = "move:portal:7:1"
WAITS_S = 7_200.0


def a_file(**changed: object) -> FileInfo:
    facts = {
        "id": 7, "title": "Invoice.pdf", "folder_id": ROOM, "created_by": CLIENT, "modified_by": CLIENT,
        "created_at": CREATED, "modified_at": CREATED,
    }  # fmt: skip
    return FileInfo(**(facts | changed))  # type: ignore[arg-type]


class Portal:
    def __init__(self, *files: FileInfo, user: str | Exception = SERVICE) -> None:
        self.files = files
        self.user = user

    def self_id(self) -> str:
        if isinstance(self.user, Exception):
            raise self.user
        return self.user

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


Standing = Done | Held | Free


class Claims:
    """By key; what is not there is free."""

    def __init__(self, known: dict[str, Standing] | None = None) -> None:
        self.known = known or {}
        self.asked: list[str] = []

    def peek(self, key: str) -> Standing:
        self.asked.append(key)
        return self.known.get(key, Free())


def sweep_of(
    portal: Portal, claims: Claims, dead: tuple[Subject, ...] = (), discarded: dict[str, float] | None = None
) -> Sweep:
    rules = single_rule(str(ROOM), str(DESTINATION), "manager@example.com")
    return Sweep(
        rules, portal, claims, "portal", frozenset(dead), discarded=lambda: discarded or {}, waits_s=WAITS_S
    )


def states(
    *files: FileInfo,
    claim: Standing | None = None,
    claims: dict[str, Standing] | None = None,
    dead: tuple[Subject, ...] = (),
    discarded: dict[str, float] | None = None,
) -> list[State]:
    known = claims or {KEY: claim or Free()}
    sweep = sweep_of(Portal(*files), Claims(known), dead, discarded)
    return [finding.state for finding in sweep.room(ROOM, WINDOW)]


@pytest.mark.parametrize(
    ("claim", "state"),
    [
        (Free(), State.MISSED),
        (Held(30.0), State.UNDER_WAY),
        (Held(30.0, message="m"), State.UNDER_WAY),
        (Free("a move was sent", "m", 60.0), State.UNDER_WAY),
        (Free(None, "m", 60.0), State.UNDER_WAY),
        (Free(None, "m", WAITS_S), State.UNDER_WAY),
        (Free(None, "m", WAITS_S + 1), State.MISSED),
        (Free("a move was sent", "m", WAITS_S + 1), State.MISSED),
        (Free("a move was sent", "m", None), State.MISSED),
        (Free("a move was sent", "", 60.0), State.MISSED),
        (Done("{}"), State.DONE),
    ],
    ids=str,
)
def test_a_claim_whose_message_has_gone_silent_is_an_invoice_that_was_missed(claim: Standing, state: State) -> None:
    assert states(a_file(), claim=claim) == [state]


def test_in_third_party_storage_what_was_begun_lately_is_under_way_though_it_belongs_to_no_message() -> None:
    key = "move:default:sbox-7:2026-07-02T11:30:00Z"
    for idle_s, state in ((60.0, State.UNDER_WAY), (WAITS_S + 1, State.MISSED)):
        assert states(a_file(id="sbox-7"), claims={key: Free("a move was sent", "", idle_s)}) == [state]


def test_how_long_what_is_sent_in_anew_was_left_is_said() -> None:
    claims = Claims({KEY: Free(None, "m", 9_000.0)})
    (finding,) = sweep_of(Portal(a_file()), claims).room(ROOM, WINDOW)
    assert finding.reason == 'rule "default", begun and left 9000 s ago'


@pytest.mark.parametrize(
    "claim", [Free(), Held(30.0), Free(None, "m", 60.0), Free(None, "m", WAITS_S + 1)], ids=str
)
def test_what_waits_as_a_dead_letter_is_not_sent_in_again(claim: Standing) -> None:
    for letter in (Subject("7"), Subject("7", CREATED + timedelta(seconds=0.9))):
        assert states(a_file(), claim=claim, dead=(letter,)) == [State.DEAD]


def test_a_dead_letter_about_the_file_that_had_the_id_before_is_not_about_this_one() -> None:
    assert states(a_file(), dead=(Subject("7", CREATED - timedelta(days=1)),)) == [State.MISSED]


def test_a_file_that_was_given_the_id_of_one_that_is_done_is_another() -> None:
    done = {KEY: Done("{}"), RELEASED: Done("{}", completed_at=CREATED.timestamp() - 60)}
    later = a_file(created_at=CREATED + timedelta(seconds=10))
    assert states(a_file(), claims=done) == [State.DONE]
    assert states(later, claims=done) == [State.MISSED]


@pytest.mark.parametrize(
    ("completed_s", "state"), [(60, State.DONE), (-60, State.MISSED)], ids=["after it was created", "before"]
)
def test_a_claim_of_the_first_release_counts_where_it_can_be_about_this_file(
    completed_s: float, state: State
) -> None:
    done = Done("{}", completed_at=CREATED.timestamp() + completed_s)
    assert states(a_file(), claims={RELEASED: done}) == [state]


def test_what_a_worker_of_the_first_release_holds_is_under_way() -> None:
    assert states(a_file(), claims={RELEASED: Held(30.0)}) == [State.UNDER_WAY]


def test_a_key_that_may_not_see_who_its_user_is_sweeps_all_the_same() -> None:
    lacks = ScopeMissingError("the API key lacks a permission", "accounts.self:read")
    sweep = sweep_of(Portal(a_file(), user=lacks), Claims())
    assert [finding.state for finding in sweep.room(ROOM, WINDOW)] == [State.MISSED]


def test_a_portal_that_is_down_as_a_whole_ends_the_sweep() -> None:
    sweep = sweep_of(Portal(a_file(), user=PortalFaultError("suspended")), Claims())
    with pytest.raises(PortalFaultError):
        list(sweep.room(ROOM, WINDOW))


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
    claims = Claims()
    assert [finding.file.id for finding in sweep_of(Portal(a_file()), claims).files([6, 7], WINDOW)] == [7]
    assert claims.asked == [KEY, RELEASED]


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
    bodies = [
        {"file_id": 7, "title": "x"},
        {"file_id": 8, "created_at": "2026-07-02T11:30:00.000000Z", "created_on": "2026-07-02T11:30:01Z"},
        {"event": {}, "payload": {"id": "sbox-1"}},
        {"payload": {"id": 9, "createOn": "2026-07-02T11:30:00Z"}},
        {"payload": {"id": 10, "createOn": 5}},
        {"payload": {}},
        ["no"],
    ]
    letters = [
        DeadLetter(stage="mover", message_id="m", properties={}, headers={}, body=json.dumps(body).encode())
        for body in bodies
    ]
    told = {Subject("7"), Subject("8", CREATED), Subject("sbox-1"), Subject("9", CREATED), Subject("10")}
    assert files_of(letters) == told


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
    fault = webhook_health.fault(found, {"file.created", "file.uploaded"})
    assert fault is None if said is None else said in (fault or "")
