import msgspec
import pytest

from mover import plan
from mover.follow import Followed, Word
from shared.docspace.model import FileInfo, FolderInfo
from shared.errors import PermanentError
from shared.text.codes import Code
from shared.wire.events import InvoiceDetected
from shared.wire.outcome import Dead, Forward, Retry, Skip

EVENT = InvoiceDetected(
    file_id=5,
    title="Invoice 7.pdf",
    rule="default",
    destination=9,
    recipients=("m@x.org",),
    version=1,
    room_title="Acme",
)
FILE = FileInfo(id=5, title="Invoice 7.pdf", folder_id=2, version=1)
SENT = plan.Progress(sent_at=1000, source=2, title="Invoice 7.pdf")
QUEUED = msgspec.structs.replace(SENT, operation_id="op")


def with_file(**changes):
    return FileInfo(**{**{name: getattr(FILE, name) for name in FILE.__dataclass_fields__}, **changes})


def test_a_number_and_its_text_are_the_same_folder():
    assert plan.is_filed(EVENT, with_file(folder_id="9"))
    assert not plan.is_filed(EVENT, FILE)
    assert not plan.is_filed(EVENT, None)


def test_the_message_that_filed_it_forwards_again_and_a_twin_is_skipped():
    text = msgspec.json.encode(plan.result_of(EVENT, with_file(folder_id=9), "m-1")).decode()
    assert isinstance(plan.already_filed(text, "m-1"), Forward)
    skipped = plan.already_filed(text, "m-2")
    assert isinstance(skipped, Skip)
    assert skipped.reason.startswith("already filed")


def test_the_fact_carries_the_title_link_and_version_of_now():
    file = with_file(folder_id=9, title="Invoice 7 (2).pdf", web_url="https://p/7", version=3)
    filed = plan.result_of(EVENT, file, "m-1").filed
    assert (filed.title, filed.web_url, filed.version) == ("Invoice 7 (2).pdf", "https://p/7", 3)
    assert (filed.file_id, filed.source_file_id, filed.recipients) == (5, 5, ("m@x.org",))


@pytest.mark.parametrize(("known", "shown"), [(None, "Client"), ("u-1", "Client"), ("Ann Client", "Ann Client")])
def test_a_user_id_gives_way_to_the_name(known, shown):
    event = msgspec.structs.replace(EVENT, uploaded_by=known)
    file = with_file(created_by="u-1", created_by_name="Client")
    assert plan.result_of(event, file, "m").filed.uploaded_by == shown


def test_progress_survives_the_ledger():
    text = msgspec.json.encode(QUEUED).decode()
    assert plan.progress_from(text) == QUEUED
    assert plan.progress_from(None) is None
    assert plan.progress_from("") is None
    with pytest.raises(PermanentError):
        plan.progress_from("{}")


def test_a_free_file_has_no_obstacle():
    assert plan.obstacle(EVENT, FILE) is None
    assert plan.obstacle(EVENT, with_file(can_move=True)) is None


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"editing": True, "editing_by": "Ann"}, Retry, "Ann has the file open"),
        ({"editing": True}, Retry, "someone has the file open"),
        ({"locked": True, "locked_by": "Ben"}, Retry, "locked by Ben"),
        ({"can_move": False}, Dead, "make it room manager in room Acme"),
        ({"can_move": False, "editing": True}, Retry, "open"),
        ({"root_folder_type": 3, "can_move": False}, Skip, "trash"),
    ],
)
def test_each_obstacle_says_what_it_is(changes, kind, words):
    outcome = plan.obstacle(EVENT, with_file(**changes))
    assert isinstance(outcome, kind)
    assert words in outcome.reason


def test_a_move_without_an_answer_bars_a_second_one_for_a_minute():
    outcome = plan.earlier_attempt(EVENT, FILE, SENT, None, 1010)
    assert isinstance(outcome, Retry)
    assert outcome.not_before_s == 50
    assert plan.earlier_attempt(EVENT, FILE, SENT, None, 1060) is None


@pytest.mark.parametrize("word", [Word.FINISHED, Word.UNKNOWN])
def test_a_move_that_ended_elsewhere_may_be_sent_again(word):
    assert plan.earlier_attempt(EVENT, FILE, QUEUED, Followed(word), 1001) is None


@pytest.mark.parametrize("word", [Word.RUNNING, Word.STOPPING])
def test_a_move_under_way_bars_a_second_one(word):
    assert isinstance(plan.earlier_attempt(EVENT, FILE, QUEUED, Followed(word), 9999), Retry)


def test_a_file_that_a_person_put_elsewhere_meanwhile_is_left_there():
    outcome = plan.earlier_attempt(EVENT, with_file(folder_id=77), QUEUED, Followed(Word.UNKNOWN), 1001)
    assert isinstance(outcome, Dead)
    assert "folder 77" in outcome.reason


@pytest.mark.parametrize(
    ("followed", "words"),
    [
        (Followed(Word.RUNNING, 40), "still moving the file (40 %)"),
        (Followed(Word.STOPPING), "stopping"),
        (Followed(Word.UNKNOWN), "lost the move operation"),
        (Followed(Word.FINISHED, 100, "Quota exceeded"), "could not move the file: Quota exceeded"),
        (Followed(Word.FINISHED, 100), "the portal said done, but the file is not in folder 9"),
    ],
)
def test_a_move_that_did_not_arrive_says_why(followed, words):
    outcome = plan.not_arrived(EVENT, followed)
    assert not isinstance(outcome, Forward)
    assert words in outcome.reason


@pytest.mark.parametrize("rights", [{"can_create": False}, {"can_move_to": False}])
def test_a_refusal_that_the_destination_explains_is_dead(rights):
    outcome = plan.refused(EVENT, FolderInfo(id=9, title="In", **rights), "Access denied")
    assert isinstance(outcome, Dead)
    assert "folder 9" in outcome.reason


def test_a_refusal_that_nothing_explains_is_tried_again():
    assert plan.refused(EVENT, FolderInfo(id=9, title="In", can_create=True), "Access denied") == Retry(
        "Access denied", Code.PORTAL_REFUSED
    )
