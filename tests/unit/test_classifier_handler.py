"""The classifier, against a small portal that answers, refuses or is away."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from classifier.handler import Ports, handle
from console.webhook.choice import BROUGHT_IN
from shared.deciding.memory import PATH_TTL_S, Memory
from shared.docspace.errors import BusyError, ForbiddenError, NotFoundError, RefusedError, UnreachableError
from shared.docspace.model import FileInfo, FolderInfo
from shared.errors import PermanentError
from shared.rules.file import single_rule
from shared.rules.place import Folder
from shared.text.codes import Code
from shared.wire.events import EntryId, InvoiceDetected
from shared.wire.message import Message
from shared.wire.outcome import About, Dead, Forward, Retry, Skip
from tests.unit.test_webhook_payload import ACTOR, TODAY

SECTION, ROOM, SUB, INCOMING, FILE = 52817, 86190, 86193, 748239, 748301
RULES = single_rule(str(ROOM), str(INCOMING), "manager@example.com")
GONE = NotFoundError("not found")
FORBIDDEN = ForbiddenError("Access denied")
AWAY = UnreachableError("the portal does not answer")

Paths = dict[EntryId, tuple[FolderInfo, ...] | Exception]


def folders(*pairs):
    return tuple(FolderInfo(id=folder_id, title=title) for folder_id, title in pairs)


@dataclass
class PortalFake:
    """Answers from its fields; an exception in one is raised."""

    file_info: FileInfo | Exception = field(
        default_factory=lambda: FileInfo(
            id=FILE,
            title="Invoice 2026-0714.pdf",
            folder_id=SUB,
            version=2,
            created_at=datetime(2026, 7, 2, 9, 14, 30, 163054, UTC),
            created_by=ACTOR,
            created_by_name="Chris Client",
        )
    )
    paths: Paths = field(default_factory=lambda: {SUB: folders((SECTION, "Rooms"), (ROOM, "Acme"), (SUB, "2026"))})
    room: FolderInfo | Exception = field(default_factory=lambda: FolderInfo(id=ROOM, title="Acme"))
    user: str | Exception = "service"
    calls: list[tuple[object, ...]] = field(default_factory=list)

    def change(self, **changes):
        assert isinstance(self.file_info, FileInfo)
        self.file_info = replace(self.file_info, **changes)

    def file(self, file_id):
        return self._answer(("file", file_id), self.file_info)

    def folder(self, folder_id):
        return self._answer(("folder", folder_id), self.room)

    def folder_path(self, folder_id):
        return self._answer(("path", folder_id), self.paths.get(folder_id, GONE))

    def self_id(self):
        return self._answer(("self",), self.user)

    def _answer(self, call, value):
        self.calls.append(call)
        if isinstance(value, Exception):
            raise value
        return value


def message(body: bytes = TODAY, kind: str = "webhook.file.uploaded") -> Message:
    return Message(body=body, type=kind, message_id="m", correlation_id="c", timestamp=0)


def changed(**changes) -> Message:
    document = json.loads(TODAY)
    for key, value in changes.items():
        part, _, name = key.partition("_")
        document[part][name] = value
    return message(json.dumps(document).encode())


def without(*names: str) -> Message:
    document = json.loads(TODAY)
    for name in names:
        del document["payload"][name]
    return message(json.dumps(document).encode())


def run(portal: PortalFake, received: Message | None = None, rules=RULES):
    return handle(received or message(), Ports(rules, portal))


def detected(outcome) -> InvoiceDetected:
    assert isinstance(outcome, Forward), outcome
    assert isinstance(outcome.event, InvoiceDetected)
    return outcome.event


def test_an_invoice_below_the_room_is_detected_with_all_that_is_known() -> None:
    portal = PortalFake()
    assert detected(run(portal)) == InvoiceDetected(
        file_id=FILE,
        title="Invoice 2026-0714.pdf",
        rule="default",
        destination=INCOMING,
        recipients=("manager@example.com",),
        version=2,
        created_at="2026-07-02T09:14:30.163054Z",
        created_on="2026-07-02T09:14:30Z",
        room_id=ROOM,
        room_title="Acme",
        folder_id=SUB,
        uploaded_by="Chris Client",
        uploaded_at="2026-07-02T09:14:30Z",
    )
    assert portal.calls == [("self",), ("path", SUB), ("file", FILE)]


def test_other_triggers_cost_no_call() -> None:
    portal = PortalFake()
    outcome = run(portal, changed(event_trigger="file.updated"))
    assert outcome == Skip(
        'rule "default": trigger file.updated is not one of file.created, file.uploaded', Code.NO_RULE
    )
    assert portal.calls == []


def test_path_and_service_user_are_asked_once_for_many_files() -> None:
    portal, memory = PortalFake(), Memory()
    for file_id in (1, 2, 3):
        detected(handle(changed(payload_id=file_id), Ports(RULES, portal, memory)))
    assert portal.calls == [("self",), ("path", SUB), ("file", 1), ("file", 2), ("file", 3)]


def test_a_path_is_asked_again_once_it_is_old() -> None:
    now = [0.0]
    portal, memory = PortalFake(), Memory(lambda: now[0])
    for now[0] in (0.0, PATH_TTL_S - 1, PATH_TTL_S + 1):
        detected(handle(message(), Ports(RULES, portal, memory)))
    assert portal.calls.count(("path", SUB)) == 2
    assert portal.calls.count(("self",)) == 1


def test_an_unknown_service_user_is_asked_again_later_but_not_each_time() -> None:
    now = [0.0]
    portal, memory = PortalFake(user=AWAY), Memory(lambda: now[0])
    for now[0] in (0.0, 1.0, PATH_TTL_S + 1):
        detected(handle(message(), Ports(RULES, portal, memory)))
    assert portal.calls.count(("self",)) == 2


@pytest.mark.parametrize("user", [AWAY, FORBIDDEN, GONE])
def test_a_service_user_that_cannot_be_had_stops_nothing(user) -> None:
    detected(run(PortalFake(user=user)))


def test_what_the_service_user_did_is_skipped() -> None:
    assert run(PortalFake(user=ACTOR)) == Skip(
        f'rule "default": user {ACTOR} is the service user itself', Code.NO_RULE
    )


def about(outcome) -> About:
    assert isinstance(outcome, Skip), outcome
    return outcome.about


def test_a_skip_tells_all_that_was_learnt_of_the_file_and_asks_nobody_for_more() -> None:
    portal, memory = PortalFake(user=ACTOR), Memory()
    skipped = about(handle(message(), Ports(RULES, portal, memory)))
    assert skipped == About(
        file_id=FILE,
        title="Invoice 2026-0714.pdf",
        uploaded_by=ACTOR,
        uploaded_at="2026-07-02T09:14:30Z",
    )
    assert portal.calls == [("self",)]
    memory.keep_path(SUB, (Folder(SECTION, "Rooms"), Folder(ROOM, "Acme"), Folder(SUB, "2026")))
    remembered = about(handle(message(), Ports(RULES, portal, memory)))
    assert (remembered.room_id, remembered.room_title) == (ROOM, "Acme")
    assert portal.calls == [("self",)]


def test_a_title_that_does_not_fit_is_told_with_its_room_and_its_uploaders_name() -> None:
    portal = PortalFake()
    portal.change(title="Contract.pdf")
    skipped = about(run(portal))
    assert (skipped.title, skipped.uploaded_by) == ("Contract.pdf", "Chris Client")
    assert (skipped.room_id, skipped.room_title) == (ROOM, "Acme")


def test_a_file_in_the_room_itself_is_told_with_what_the_portal_said_of_its_room() -> None:
    portal = PortalFake()
    portal.change(title="Contract.pdf", folder_id=ROOM, room_id=ROOM, room_title="Acme")
    skipped = about(run(portal, changed(payload_parentId=ROOM)))
    assert (skipped.room_id, skipped.room_title) == (ROOM, "Acme")
    assert [call[0] for call in portal.calls] == ["self", "file"]


def test_a_skip_about_a_folder_names_no_file() -> None:
    assert about(run(PortalFake(), changed(payload_fileEntryType=1))) == About()


@pytest.mark.parametrize("trigger", BROUGHT_IN)
def test_what_the_sweep_alone_needs_to_hear_of_is_skipped_without_a_question(trigger: str) -> None:
    portal = PortalFake()
    assert run(portal, changed(event_trigger=trigger, payload_fileEntryType=1)) == Skip(
        f'rule "default": trigger {trigger} is not one of file.created, file.uploaded', Code.NO_RULE
    )
    assert portal.calls == []


def test_what_lies_in_the_destination_already_is_skipped() -> None:
    outcome = run(PortalFake(), changed(payload_parentId=INCOMING))
    assert outcome == Skip(f'rule "default": folder {INCOMING} is the destination already', Code.NO_RULE)


def test_a_portal_that_cannot_say_where_it_lies_is_never_a_no() -> None:
    assert run(PortalFake(paths={SUB: AWAY})) == Retry("the portal does not answer", AWAY.code, not_before_s=None)
    busy = BusyError("slow down", retry_after_s=17.0)
    later = Retry("slow down", Code.RATE_LIMIT, not_before_s=17.0, untried=True, ages=False)
    assert run(PortalFake(paths={SUB: busy})) == later
    assert isinstance(run(PortalFake(paths={SUB: ()})), Retry)


def test_a_refused_path_is_left_to_a_person() -> None:
    with pytest.raises(PermanentError):
        run(PortalFake(paths={SUB: RefusedError("400", status=400)}))


def test_a_file_that_went_with_its_folder_is_gone() -> None:
    assert run(PortalFake(paths={}, file_info=GONE)) == Skip("the file no longer exists", Code.GONE)


def test_a_file_that_was_moved_before_its_folder_went_is_judged_where_it_is() -> None:
    portal = PortalFake()
    portal.paths = {9: folders((SECTION, "Rooms"), (ROOM, "Acme"), (9, "2027"))}
    portal.change(folder_id=9)
    assert detected(run(portal)).folder_id == 9
    assert portal.calls.count(("file", FILE)) == 1


def test_a_folder_that_stays_unfindable_is_tried_again() -> None:
    outcome = run(PortalFake(paths={}))
    assert isinstance(outcome, Retry)
    assert "is not found" in outcome.reason


def test_a_hidden_folder_is_no_room_of_ours_while_ours_can_be_seen() -> None:
    portal = PortalFake(paths={SUB: FORBIDDEN})
    assert run(portal) == Skip(
        'rule "default": a folder that the service user may not see is not in room 86190', Code.NO_RULE
    )
    assert ("folder", ROOM) in portal.calls


def test_a_room_that_the_service_user_cannot_see_is_waited_for() -> None:
    outcome = run(PortalFake(paths={SUB: FORBIDDEN}, room=FORBIDDEN))
    assert isinstance(outcome, Retry)
    assert outcome.reason == (
        f"the service user cannot see folder {SUB}, which may lie in room {ROOM} of the rules, hidden from it too: "
        "make it a member there"
    )


def test_a_room_that_cannot_be_checked_is_waited_for() -> None:
    assert isinstance(run(PortalFake(paths={SUB: FORBIDDEN}, room=AWAY)), Retry)


def test_a_room_that_does_not_exist_hides_nothing() -> None:
    assert isinstance(run(PortalFake(paths={SUB: FORBIDDEN}, room=GONE)), Skip)


def test_without_a_parent_the_file_is_asked_for_its_folder() -> None:
    portal = PortalFake()
    event = detected(run(portal, without("parentId", "folderIdDisplay")))
    assert (event.folder_id, event.room_id) == (SUB, ROOM)
    assert portal.calls == [("self",), ("file", FILE), ("path", SUB)]


@pytest.mark.parametrize(("answer", "expected"), [(AWAY, Retry), (GONE, Skip), (FORBIDDEN, Skip)])
def test_without_a_parent_and_without_the_file(answer, expected) -> None:
    outcome = run(PortalFake(file_info=answer), without("parentId", "folderIdDisplay"))
    assert isinstance(outcome, expected)


def test_the_title_is_the_portals() -> None:
    portal = PortalFake()
    portal.change(title="Contract.pdf")
    assert run(portal) == Skip('rule "default": title "Contract.pdf" does not start with "invoice"', Code.NO_RULE)


@pytest.mark.parametrize("answer", [AWAY, FORBIDDEN])
def test_the_payloads_title_serves_where_the_portal_cannot_answer(answer) -> None:
    event = detected(run(PortalFake(file_info=answer)))
    assert (event.title, event.version, event.uploaded_by) == ("Invoice 2026-0714.pdf", None, ACTOR)


def test_no_title_anywhere_is_untitled() -> None:
    skipped = Skip('rule "default": title "Untitled" does not start with "invoice"', Code.NO_RULE)
    assert run(PortalFake(file_info=FORBIDDEN), without("title")) == skipped
    untitled = PortalFake()
    untitled.change(title="")
    assert run(untitled, without("title")) == skipped


def test_a_file_that_is_gone_by_the_time_of_its_title_is_skipped() -> None:
    assert run(PortalFake(file_info=GONE)) == Skip("the file no longer exists", Code.GONE)


@pytest.mark.parametrize("trouble", [AWAY, FORBIDDEN, GONE])
def test_the_rooms_name_is_a_courtesy(trouble) -> None:
    """With a room that the payload names, nothing waits for the path."""
    event = detected(run(PortalFake(paths={ROOM: trouble}), changed(payload_parentId=ROOM)))
    assert (event.room_id, event.room_title, event.folder_id) == (None, None, ROOM)


def test_the_published_examples_comparison_still_holds() -> None:
    rules = single_rule(str(SECTION), str(INCOMING), "manager@example.com")
    assert detected(run(PortalFake(), rules=rules)).room_title == "Acme"


def test_a_new_versions_uploader_is_not_called_by_its_creators_name() -> None:
    assert detected(run(PortalFake(), changed(event_createBy="someone-else"))).uploaded_by == "someone-else"


def test_an_unreadable_body_is_a_dead_letter_with_its_reason() -> None:
    assert isinstance(run(PortalFake(), message(b"{")), Dead)
    outcome = run(PortalFake(), message(b"{}", "webhook.unreadable"))
    assert outcome == Dead("the webhook's body names no event.trigger", Code.UNREADABLE)
    assert isinstance(run(PortalFake(), message(kind="webhook.unreadable")), Dead)
    no_entry = b'{"event":{"trigger":"form.submit"}}'
    assert isinstance(run(PortalFake(), message(no_entry, "webhook.unreadable")), Dead)


def test_an_event_without_an_entry_matters_only_if_a_rule_asks_for_it() -> None:
    assert run(PortalFake(), message(b'{"event":{"trigger":"user.created"}}')) == Skip(
        "no rule asks for the trigger user.created", Code.NO_RULE
    )
    assert isinstance(run(PortalFake(), message(b'{"event":{"trigger":"file.uploaded"}}')), Dead)


def test_a_submitted_form_is_a_skip_that_says_how_its_file_is_found() -> None:
    submitted = (
        b'{"event":{"id":1,"trigger":"form.submit"},"payload":{"originalForm":{"id":7},"submittedForm":{"id":8}}}'
    )
    assert run(PortalFake(), message(submitted, "webhook.form.submit")) == Skip(
        "form.submit names no file: what was submitted in a form room is found by reconciling", Code.FORM
    )


PROFILE = "https://portal.example/accounts/guests/filter?search=chris%2Binvoices%40example.com"


def with_profile(url) -> PortalFake:
    portal = PortalFake()
    portal.change(created_by_profile=url)
    return portal


def test_the_uploaders_address_is_in_the_files_answer_and_is_not_asked_for() -> None:
    portal, silent = with_profile(PROFILE), PortalFake()
    assert detected(run(portal, message())).uploaded_by_email == "chris+invoices@example.com"
    run(silent, message())
    assert portal.calls == silent.calls


def test_the_payloads_address_wins() -> None:
    body = changed(payload_createdBy={"id": ACTOR, "email": "chris@example.com"})
    assert detected(run(with_profile(PROFILE), body)).uploaded_by_email == "chris@example.com"


def test_a_new_version_by_another_user_does_not_get_the_creators_address() -> None:
    event = changed(event_createBy="someone-else")
    assert detected(run(with_profile(PROFILE), event)).uploaded_by_email is None


@pytest.mark.parametrize("url", ["", "https://portal.example/accounts/people/filter", "http://[", "?search=chris"])
def test_a_page_that_tells_no_address_leaves_it_out(url) -> None:
    assert detected(run(with_profile(url), message())).uploaded_by_email is None


def test_an_event_that_comes_hours_late_is_decided_as_any_other() -> None:
    late = changed(event_createOn="2026-07-02T21:14:31Z")
    assert detected(run(PortalFake(), late)).title == "Invoice 2026-0714.pdf"
