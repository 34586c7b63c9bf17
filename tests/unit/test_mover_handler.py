"""The handler against a portal of a few lines and the real ledger; time passes only while something waits."""

import json
from dataclasses import replace

import msgspec
import pytest

from mover import plan
from mover.grouped import GroupedPortal
from mover.handler import Ports, handle
from shared.docspace.errors import (
    BusyError,
    ForbiddenError,
    KeyRefusedError,
    NotFoundError,
    RefusedError,
    TryLaterError,
    UnreachableError,
)
from shared.docspace.model import FileInfo, FolderInfo, Operation
from shared.errors import PermanentError, TransientError
from shared.events import InvoiceDetected, InvoiceFiled, encode
from shared.ledger import Done, Free, Ledger
from shared.message import Message
from shared.outcome import Dead, Forward, Retry, Skip

ROOM, INCOMING, FILE = 2, 9, 5
EVENT = InvoiceDetected(
    file_id=FILE,
    title="Invoice 7.pdf",
    rule="default",
    destination=INCOMING,
    recipients=("manager@example.org",),
    version=1,
    room_title="Acme",
    folder_id=ROOM,
)
KEY = f"move:portal.example:{FILE}:1"
DONE = Operation(id="op-1", finished=True, progress=100, processed="1", files=(FILE,))
RUNNING = Operation(id="op-1", finished=False, progress=40)


class Portal:
    """One file and its folders. What goes wrong is set by attribute."""

    def __init__(self):
        self.files = {FILE: FileInfo(id=FILE, title="Invoice 7.pdf", folder_id=ROOM, version=1, can_move=True)}
        self.folders = {
            ROOM: FolderInfo(id=ROOM, title="Acme"),
            INCOMING: FolderInfo(id=INCOMING, title="Incoming", can_create=True, can_move_to=True),
        }
        self.moves = []
        self.polls = 0
        self.refuses = None
        """Raised by a move, which is then not done."""
        self.breaks = None
        """Raised by a move that was done."""
        self.operations = [DONE]
        """What is told of the move, in turn; the last for ever."""
        self.does_it = True
        self.new_id = None
        """The id that the file has after the move."""

    def change(self, **changes):
        self.files[FILE] = replace(self.files[FILE], **changes)

    def file(self, file_id):
        return self._found(self.files, file_id)

    def folder(self, folder_id):
        return self._found(self.folders, folder_id)

    def find_files(self, folder_id, title):
        found = [
            f
            for f in self.files.values()
            if isinstance(f, FileInfo) and (f.folder_id, f.title) == (folder_id, title)
        ]
        return found[::-1]

    def move(self, file_ids, destination):
        if self.refuses:
            raise self.refuses
        self.moves.append((tuple(file_ids), destination))
        if self.does_it:
            self.arrive()
        if self.breaks:
            raise self.breaks
        return replace(RUNNING, id=f"op-{len(self.moves)}")

    def arrive(self):
        file = self.files.pop(FILE)
        new_id = self.new_id or FILE
        self.files[new_id] = replace(file, id=new_id, folder_id=INCOMING, web_url="https://portal.example/now")

    def operation(self, operation_id):
        assert operation_id == f"op-{len(self.moves)}"
        self.polls += 1
        answer = self.operations.pop(0) if len(self.operations) > 1 else self.operations[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @staticmethod
    def _found(among, entry_id):
        found = among.get(entry_id, NotFoundError("the portal answered 404"))
        if isinstance(found, Exception):
            raise found
        return found


class World:
    def __init__(self, path):
        self.portal = Portal()
        self.url = f"sqlite:///{path}/ledger.db"
        self.ledger = Ledger(self.url, owner="mover@test")
        self.now = 1_900_000_000.0
        self.stopping = False
        self.grouped = GroupedPortal(self.portal, lambda: self.now, self._wait)

    def handle(self, message_id="m-1", event=EVENT, override=""):
        message = Message(
            body=encode(event),
            type="invoice.detected",
            message_id=message_id,
            correlation_id="c-1",
            timestamp=0,
            override=override,
        )
        return handle(message, self.ports)

    @property
    def ports(self):
        return Ports("portal.example", self.grouped, self.ledger, lambda: self.now, self._wait)

    def _wait(self, seconds):
        self.now += seconds
        return self.stopping

    def noted(self, key=KEY):
        progress = self.ledger.peek(key).progress
        return json.loads(progress) if progress else None


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    yield world
    world.ledger.close()


@pytest.fixture
def portal(world):
    return world.portal


def kind_and_reason(outcome):
    return type(outcome), outcome.reason


# --- the ordinary course ---


def test_an_invoice_is_moved_once_and_said_to_be_filed_with_its_link_of_now(world, portal):
    outcome = world.handle()
    assert isinstance(outcome, Forward)
    assert outcome.event.web_url == "https://portal.example/now"
    assert (outcome.event.destination, outcome.event.source_file_id) == (INCOMING, FILE)
    assert portal.moves == [((FILE,), INCOMING)]
    assert isinstance(world.ledger.peek(KEY), Done)


def test_a_file_that_is_already_there_is_filed_without_a_move(world, portal):
    portal.arrive()
    assert isinstance(world.handle(), Forward)
    assert portal.moves == []


def test_a_running_operation_is_followed_to_its_end(world, portal):
    portal.operations = [RUNNING, RUNNING, DONE]
    assert isinstance(world.handle(), Forward)
    assert portal.polls == 3


def test_a_failing_question_about_the_operation_does_not_end_the_attempt(world, portal):
    portal.operations = [UnreachableError("cut", maybe_done=True), BusyError("429"), DONE]
    assert isinstance(world.handle(), Forward)


# --- the same invoice again ---


def test_a_message_that_crashed_before_it_could_publish_forwards_the_same_fact(world, portal):
    first = world.handle()
    del portal.files[FILE]
    assert world.handle() == first


def test_a_twin_is_skipped_even_after_the_file_went_on(world, portal):
    world.handle("m-1")
    portal.change(folder_id=77, version=3)
    assert kind_and_reason(world.handle("m-2")) == (Skip, "already filed: 'Invoice 7.pdf' is in folder 9")
    assert len(portal.moves) == 1


def test_an_override_forwards_once_more_without_moving_what_is_in_its_place(world, portal):
    first = world.handle("m-1")
    assert isinstance(world.handle("m-1", override="o-1"), Forward)
    assert world.handle("m-1", override="o-1") == first  # redelivered
    assert isinstance(world.handle("m-2", override="o-1"), Skip)  # a twin that was replayed too
    assert isinstance(world.handle("m-2"), Skip)
    assert len(portal.moves) == 1


def test_an_override_files_again_what_was_taken_out_of_its_folder_since(world, portal):
    world.handle("m-1")
    portal.change(folder_id=ROOM)
    for _ in range(2):
        assert isinstance(world.handle("m-1", override="o-1"), Forward)
    assert len(portal.moves) == 2


def test_an_override_of_what_was_never_filed_is_the_same_work(world, portal):
    assert isinstance(world.handle("m-1", override="o-1"), Forward)
    assert isinstance(world.ledger.peek(KEY), Done)
    assert isinstance(world.handle("m-2"), Skip)
    portal.change(folder_id=ROOM)  # someone takes it out, and the message is delivered again
    assert isinstance(world.handle("m-1", override="o-1"), Forward)
    assert len(portal.moves) == 1


def test_an_override_does_not_race_the_attempt_under_way(world, portal):
    world.ledger.claim(KEY, 50)
    assert world.handle(override="o-1") == Retry("another worker is moving this file")
    assert portal.moves == []


def test_an_override_forwards_again_what_has_a_new_id_since_its_move(world, portal):
    result = plan.Result(
        "m-0",
        InvoiceFiled(
            file_id="box-77",
            source_file_id=FILE,
            version=1,
            title="Invoice 7.pdf",
            rule="default",
            destination=INCOMING,
            recipients=("manager@example.org",),
        ),
    )
    world.ledger.complete(KEY, msgspec.json.encode(result).decode())
    del portal.files[FILE]
    assert world.handle("m-1", override="o-1") == Forward(result.filed)


def test_while_another_worker_holds_the_claim_nothing_is_sent(world, portal):
    world.ledger.claim(KEY, 50)
    assert world.handle() == Retry("another worker is moving this file")
    assert portal.moves == []


def test_after_a_lost_lease_the_file_is_looked_for_before_anything_is_sent(world, portal):
    world.ledger.claim(KEY, 0)  # its holder died
    portal.arrive()
    assert isinstance(world.handle(), Forward)
    assert portal.moves == []


def test_without_a_version_in_the_event_the_portals_counts(world, portal):
    portal.change(version=4)
    assert isinstance(world.handle(event=msgspec.structs.replace(EVENT, version=None)), Forward)
    assert isinstance(world.ledger.peek(f"move:portal.example:{FILE}:4"), Done)


# --- what keeps a file from being moved ---


@pytest.mark.parametrize("version", [1, None])
def test_a_file_that_is_gone_is_skipped_and_leaves_no_trace(world, portal, version):
    portal.files.clear()
    outcome = world.handle(event=msgspec.structs.replace(EVENT, version=version))
    assert outcome == Skip("the file no longer exists")
    assert world.ledger.peek(KEY) == Free()


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"locked": True, "locked_by": "Ben"}, Retry, "locked by Ben"),
        ({"editing": True, "editing_by": "Ann"}, Retry, "Ann has the file open"),
        ({"can_move": False}, Dead, "room manager in room Acme"),
        ({"in_trash": True}, Skip, "trash"),
    ],
)
def test_an_obstacle_is_seen_before_the_move_and_the_claim_is_given_back(world, portal, changes, kind, words):
    portal.change(**changes)
    found, reason = kind_and_reason(world.handle())
    assert found is kind
    assert words in reason
    assert portal.moves == []
    assert world.ledger.peek(KEY) == Free()


@pytest.mark.parametrize("version", [1, None])
def test_a_file_hidden_in_a_room_that_is_seen_was_deleted(world, portal, version):
    portal.files[FILE] = ForbiddenError("403")
    assert isinstance(world.handle(event=msgspec.structs.replace(EVENT, version=version)), Skip)


def test_a_file_hidden_in_a_hidden_room_names_the_room(world, portal):
    portal.files[FILE] = portal.folders[ROOM] = ForbiddenError("403")
    assert kind_and_reason(world.handle())[0] is Dead
    assert "room Acme" in world.handle().reason


def test_an_unreadable_event_is_permanent(world):
    message = Message(body=b"{}", type="invoice.detected", message_id="m", correlation_id="c", timestamp=0)
    with pytest.raises(PermanentError, match="file_id"):
        handle(message, world.ports)


# --- a refused move ---


def refused_move(world, portal, **changes):
    """A 403 to the move, with the file changed between the look and the move."""

    def move(_ids, _destination):
        if changes.get("gone"):
            portal.files.clear()
        else:
            portal.change(**changes)
        raise ForbiddenError("the portal answered 403 to PUT files/fileops/move: Access denied")

    portal.move = move
    return world.handle()


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"gone": True}, Skip, "no longer exists"),
        ({"editing": True}, Retry, "open in the editor"),
        ({"locked": True}, Retry, "locked"),
        ({"can_move": False}, Dead, "room manager in room Acme"),
        ({}, Retry, "Access denied"),
    ],
)
def test_a_403_to_the_move_is_explained_by_the_file(world, portal, changes, kind, words):
    found, reason = kind_and_reason(refused_move(world, portal, **changes))
    assert found is kind
    assert words in reason
    assert world.noted() is None


def test_a_403_for_a_file_that_arrived_meanwhile_is_filed(world, portal):
    assert isinstance(refused_move(world, portal, folder_id=INCOMING), Forward)
    assert isinstance(world.ledger.peek(KEY), Done)


@pytest.mark.parametrize(
    ("destination", "words"),
    [
        (None, "folder 9, the destination of rule default, does not exist"),
        (ForbiddenError("403"), "may not move files to folder 9"),
        (FolderInfo(id=9, title="In", can_create=False), "may not move files to folder 9"),
        (FolderInfo(id=9, title="In", can_move_to=False), "may not move files to folder 9"),
    ],
)
def test_a_403_to_the_move_is_explained_by_the_destination(world, portal, destination, words):
    if destination is None:
        del portal.folders[INCOMING]
    else:
        portal.folders[INCOMING] = destination
    found, reason = kind_and_reason(refused_move(world, portal))
    assert found is Dead
    assert words in reason


def test_a_404_to_the_move_is_a_missing_destination(world, portal):
    portal.refuses = NotFoundError("the portal answered 404")
    assert kind_and_reason(world.handle())[0] is Dead


@pytest.mark.parametrize("status", [400, 415])
def test_what_the_portal_declines_is_permanent_in_its_own_words(world, portal, status):
    portal.refuses = RefusedError(f"the portal answered {status}: only PDF forms", status=status)
    with pytest.raises(PermanentError, match="only PDF forms"):
        world.handle()


@pytest.mark.parametrize(
    "error", [KeyRefusedError("401"), BusyError("429", retry_after_s=7), UnreachableError("refused")]
)
def test_a_move_that_was_surely_not_done_is_sent_again_at_the_next_attempt(world, portal, error):
    portal.refuses = error
    with pytest.raises(TransientError) as caught:
        world.handle()
    assert caught.value.retry_after_s == error.retry_after_s
    portal.refuses = None
    assert isinstance(world.handle(), Forward)


# --- a move of unknown fate ---


@pytest.mark.parametrize(
    "error", [UnreachableError("timeout", maybe_done=True), TryLaterError("500", status=500, maybe_done=True)]
)
def test_a_move_without_an_answer_that_was_done_is_found_at_the_next_attempt(world, portal, error):
    portal.breaks = error
    with pytest.raises(TransientError):
        world.handle()
    assert isinstance(world.handle(), Forward)
    assert len(portal.moves) == 1


def test_a_move_without_an_answer_is_not_sent_again_for_a_minute(world, portal):
    portal.breaks, portal.does_it = UnreachableError("timeout", maybe_done=True), False
    with pytest.raises(TransientError):
        world.handle()
    world.now += 20
    assert world.handle().not_before_s == 40
    assert len(portal.moves) == 1
    world.now += 41
    portal.breaks, portal.does_it = None, True
    assert isinstance(world.handle(), Forward)
    assert len(portal.moves) == 2


def test_a_crash_right_after_the_move_leads_to_no_second_one(world, portal):
    class Crash(BaseException):
        pass

    portal.breaks, portal.does_it = Crash(), False
    with pytest.raises(Crash):
        world.handle()
    portal.breaks = None
    assert isinstance(world.handle(), Retry)
    assert len(portal.moves) == 1


def test_an_operation_of_an_earlier_attempt_is_asked_about_first(world, portal):
    portal.operations, portal.does_it = [RUNNING], False
    assert kind_and_reason(world.handle()) == (Retry, "the portal is still moving the file (40 %)")
    assert world.noted()["operation_id"] == "op-1"
    portal.operations = [RUNNING, DONE]
    portal.arrive()
    assert isinstance(world.handle(), Forward)
    assert len(portal.moves) == 1


def test_a_move_still_under_way_at_the_next_attempt_is_waited_for_again(world, portal):
    portal.operations, portal.does_it = [RUNNING], False
    world.handle()
    assert "still moving" in world.handle().reason
    assert len(portal.moves) == 1


def test_an_earlier_operation_that_failed_is_sent_again(world, portal):
    portal.operations, portal.does_it = [replace(DONE, error="Quota exceeded")], False
    assert kind_and_reason(world.handle()) == (Retry, "the portal could not move the file: Quota exceeded")
    portal.operations, portal.does_it = [None, DONE], True
    assert isinstance(world.handle(), Forward)
    assert len(portal.moves) == 2


def test_done_without_an_error_is_not_believed(world, portal):
    portal.does_it = False
    portal.operations = [replace(DONE, processed="0", files=())]
    assert kind_and_reason(world.handle()) == (Retry, "the portal said done, but the file is not in folder 9")
    assert not isinstance(world.ledger.peek(KEY), Done)


def test_a_lost_operation_whose_file_arrives_is_filed(world, portal):
    portal.operations = [None]
    assert isinstance(world.handle(), Forward)


def test_a_lost_operation_whose_file_arrives_a_little_later_is_filed_in_the_same_attempt(world, portal):
    portal.operations, portal.does_it = [None], False
    looks = []
    look = portal.file

    def file(file_id):
        looks.append(file_id)
        if len(looks) == 4:
            portal.arrive()
        return look(file_id)

    portal.file = file
    assert isinstance(world.handle(), Forward)


def test_a_lost_operation_whose_file_stays_is_tried_again(world, portal):
    portal.operations, portal.does_it = [None], False
    assert "lost the move operation" in world.handle().reason


def test_stopping_leaves_the_operation_for_the_next_worker(world, portal):
    portal.operations, portal.does_it, world.stopping = [RUNNING], False, True
    assert "stopping" in world.handle().reason
    portal.operations, world.stopping = [DONE], False
    portal.arrive()
    assert isinstance(world.handle(), Forward)
    assert len(portal.moves) == 1


def test_a_file_that_a_person_moved_on_after_our_move_is_left_there(world, portal):
    portal.operations = [RUNNING]
    portal.does_it = False
    world.handle()
    portal.operations = [None]
    portal.change(folder_id=77)
    assert "in folder 77" in world.handle().reason
    assert len(portal.moves) == 1


def test_under_a_claim_that_is_half_over_no_move_is_sent(world, portal):
    look = portal.file

    def slow(file_id):
        world.now += 61
        return look(file_id)

    portal.file = slow
    assert "took too long" in world.handle().reason
    assert portal.moves == []


# --- storages that change the id ---

REMOTE = "sbox-12-|Invoice 7.pdf"
REMOTE_EVENT = msgspec.structs.replace(
    EVENT, file_id=REMOTE, folder_id="sbox-12", uploaded_at="2026-07-02T09:14:31Z"
)
REMOTE_KEY = f"move:portal.example:{REMOTE}:2026-07-02T09:14:31Z"


@pytest.fixture
def remote(world, portal):
    """The file lies in third-party storage, and an older one of its title in the destination."""
    file = portal.files.pop(FILE)
    portal.files[600] = replace(file, id=600, folder_id=INCOMING)
    portal.files[REMOTE] = replace(file, id=REMOTE, folder_id="sbox-12")

    def arrive():
        portal.files[700] = replace(portal.files.pop(REMOTE), id=700, folder_id=INCOMING)

    portal.arrive = arrive
    return lambda **changes: world.handle(event=msgspec.structs.replace(REMOTE_EVENT, **changes))


def test_the_operation_tells_the_new_id(portal, remote):
    portal.operations = [replace(DONE, files=(700,))]
    event = remote().event
    assert (event.file_id, event.source_file_id) == (700, REMOTE)


def test_a_repeat_of_an_event_without_a_version_still_finds_what_was_filed(portal, remote):
    """The classifier knew no version, as the portal was down; the move was done, and the message came again."""
    first = remote(version=None)
    assert isinstance(first, Forward)
    assert remote(version=None) == first
    assert len(portal.moves) == 1


def test_an_event_with_and_its_twin_without_a_version_are_one_move(portal, remote):
    remote(version=1)
    assert isinstance(remote(version=None), Forward)  # the same message id
    assert len(portal.moves) == 1


@pytest.fixture
def two(world, portal, remote):
    """A second upload of that name, in the same second, is there as soon as the first one's move has ended."""
    portal.operations = [replace(DONE, files=(700,)), replace(DONE, files=(701,))]
    first = portal.files[REMOTE]
    new_ids = iter((700, 701))

    def arrive():
        new_id = next(new_ids)
        portal.files[new_id] = replace(portal.files.pop(REMOTE), id=new_id, folder_id=INCOMING)
        if new_id == 700:
            portal.files[REMOTE] = first

    portal.arrive = arrive
    return lambda message_id: world.handle(message_id, event=REMOTE_EVENT)


def test_two_uploads_of_one_name_and_second_are_each_filed(portal, two):
    assert [two("first").event.file_id, two("second").event.file_id] == [700, 701]
    assert len(portal.moves) == 2


def test_their_repeats_and_twins_move_nothing_more(portal, two):
    first, second = two("first"), two("second")
    assert (two("first"), two("second")) == (first, second)
    assert isinstance(two("twin"), Skip)
    assert len(portal.moves) == 2


def test_the_second_is_found_again_after_a_crash_before_it_was_recorded(portal, two, world):
    two("first")
    complete, world.ledger.complete = world.ledger.complete, None
    with pytest.raises(TypeError):
        two("second")
    world.ledger.complete = complete
    assert isinstance(two("second"), Forward | Retry)
    world.now += plan.SETTLE_S
    assert two("second").event.file_id == 701
    assert len(portal.moves) == 2


def test_where_the_end_of_the_move_was_not_told_a_file_of_the_old_id_is_left_alone(portal, remote, world):
    """It may be the same one still, on its way."""
    portal.operations = [None]
    file = portal.files[REMOTE]
    assert isinstance(remote(), Forward)
    portal.files[REMOTE] = file
    assert isinstance(world.handle("m-2", event=REMOTE_EVENT), Skip)
    assert len(portal.moves) == 1


def test_a_file_that_another_upload_became_is_not_taken_for_it(portal, remote, world):
    """The first was moved and its worker died; the next of that name was filed; then the first came again."""
    arrive = portal.arrive
    portal.operations, portal.breaks = [None], UnreachableError("timeout", maybe_done=True)
    file = portal.files[REMOTE]
    with pytest.raises(TransientError):
        remote()
    portal.breaks = None
    portal.files[REMOTE] = file

    def arrive_too():
        arrive()
        portal.files[701] = replace(portal.files.pop(700), id=701)
        portal.files[700] = replace(file, id=700, folder_id=INCOMING)

    del portal.files[700]  # not listed yet when the second looks for namesakes
    portal.arrive = arrive_too
    later = msgspec.structs.replace(REMOTE_EVENT, uploaded_at="2026-07-02T09:14:39Z")
    portal.operations = [replace(DONE, files=(701,))]
    assert world.handle("m-2", event=later).event.file_id == 701
    portal.files[701] = portal.files.pop(701)  # the last changed
    assert remote().event.file_id == 700
    assert len(portal.moves) == 2


def test_of_two_that_arrived_the_older_one_is_taken_first(portal, remote, world):
    """The later one may know the older as a namesake, and would be left with none."""
    portal.operations, portal.breaks = [None], UnreachableError("timeout", maybe_done=True)
    file = portal.files[REMOTE]
    with pytest.raises(TransientError):
        remote()
    portal.files[REMOTE] = replace(file)
    portal.arrive = lambda: portal.files.update(
        {701: replace(portal.files.pop(REMOTE), id=701, folder_id=INCOMING)}
    )
    later = msgspec.structs.replace(REMOTE_EVENT, uploaded_at="2026-07-02T09:14:39Z")
    with pytest.raises(TransientError):
        world.handle("m-2", event=later)
    portal.breaks = None
    assert remote().event.file_id == 700
    assert world.handle("m-2", event=later).event.file_id == 701


def test_two_versions_that_arrived_as_one_file_are_both_filed(portal, remote, world):
    """The first one's move was refused in doubt, the next version's was done: the file is in its place for both."""
    portal.breaks, portal.does_it = UnreachableError("timeout", maybe_done=True), False
    with pytest.raises(TransientError):
        remote()
    portal.breaks, portal.does_it, portal.operations = None, True, [replace(DONE, files=(700,))]
    later = msgspec.structs.replace(REMOTE_EVENT, uploaded_at="2026-07-02T09:14:39Z")
    assert world.handle("m-2", event=later).event.file_id == 700
    assert isinstance(remote(), Retry)
    world.now += plan.SETTLE_S
    assert remote().event.file_id == 700
    assert len(portal.moves) == 2


def test_a_lost_operation_leads_to_the_file_by_its_title(portal, remote):
    portal.operations = [None]
    assert remote().event.file_id == 700


def test_a_move_without_an_answer_leads_to_the_file_by_its_title(portal, remote):
    portal.breaks = UnreachableError("timeout", maybe_done=True)
    with pytest.raises(TransientError):
        remote()
    assert remote().event.file_id == 700
    assert len(portal.moves) == 1


def test_an_older_file_of_the_same_title_is_not_taken_for_it(world, portal, remote):
    portal.breaks, portal.does_it = UnreachableError("timeout", maybe_done=True), False
    with pytest.raises(TransientError):
        remote()
    del portal.files[REMOTE]
    assert isinstance(remote(), Retry)
    world.now += 60
    assert isinstance(remote(), Dead)


def test_a_remote_file_that_is_gone_without_a_move_is_skipped(portal, remote):
    del portal.files[REMOTE]
    assert remote() == Skip("the file no longer exists")


# --- the ledger ---


def test_an_unreachable_ledger_is_transient_and_nothing_is_moved(world, portal, tmp_path):
    (tmp_path / "file").write_text("")
    world.ledger = Ledger(f"sqlite:///{tmp_path}/file/ledger.db", owner="x")
    with pytest.raises(TransientError, match="ledger"):
        world.handle()
    assert portal.moves == []
