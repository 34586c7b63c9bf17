"""The verdict sees what a run must not have, each kind by itself."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.chaos.expected import Identity, Uploaded
from tests.chaos.plan import DROPBOX, MOVED_IN, ROOM, Upload
from tests.chaos.storm import Done
from tests.chaos.sweeping import Injected
from tests.chaos.verdict import DeadLetter, Verdict, judge

INCOMING = 748239
START = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def uploaded(
    file_id: int | str = 7,
    *,
    version: int = 1,
    seconds: float = 0,
    invoice: bool = True,
    created: float = 0,
    title: str = "Invoice 1.pdf",
    kind: str = "chunked",
) -> Uploaded:
    folder = ROOM if isinstance(file_id, int) else DROPBOX
    named = Identity(file_id, at(created).isoformat())
    return Uploaded(Upload(title, folder, kind, invoice), named, version, at(seconds), at(seconds).isoformat())


def delivery(
    event_id: int,
    file_id: int | str = 7,
    *,
    status: int = 200,
    created: float = 0,
    modified: float | None = None,
    seconds: float = 1,
) -> dict[str, Any]:
    """`modified` tells the version; of a file's first one it is when it was created."""
    changed = created if modified is None else modified
    return {
        "event_id": event_id, "webhook_id": 7, "trigger": "file.uploaded", "file_id": file_id,
        "created": at(created).isoformat(), "modified": at(changed).isoformat(), "attempt": 0, "status": status,
        "at": at(seconds).isoformat(),
    }  # fmt: skip


def move(file_id: int | str = 7, new_id: int = 7, *, created: float = 0) -> dict[str, Any]:
    return {"file_id": file_id, "new_file_id": new_id, "created": at(created).isoformat()}


def mail(
    file_id: int = 7, *, seconds: float = 3, message_id: str = "<a@b>", title: str = "Invoice 1.pdf"
) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "subject": f"Acme Ltd: {title}",
        "at": at(seconds).isoformat(),
        "text": f"http://portal/doceditor?fileid={file_id}&version=1",
    }


def verdict(
    uploads: list[Uploaded],
    *,
    deliveries: list[dict[str, Any]] | None = None,
    moves: list[dict[str, Any]],
    mails: list[dict[str, Any]],
    dead: list[DeadLetter] | None = None,
    storm: list[Done] | None = None,
    purged: set[Identity] | None = None,
    withdrawn: set[Identity] | None = None,
    swept: bool = False,
    injected: Sequence[Injected] = (),
) -> Verdict:
    state = {
        "deliveries": [delivery(1)] if deliveries is None else deliveries,
        "moves": moves,
        "mails": mails,
        "files": [
            {"id": moved["new_file_id"], "created": moved["created"], "folder_id": INCOMING} for moved in moves
        ],
    }
    gone = purged or set()
    state["files"] = [file for file in state["files"] if Identity(file["id"], file["created"]) not in gone]
    return judge(
        uploads, state, dead or [], storm or [], incoming=INCOMING, purged=gone, withdrawn=withdrawn or set(),
        swept=swept, injected=injected,
    )  # fmt: skip


def test_one_move_and_one_mail_are_as_it_should_be() -> None:
    found = verdict([uploaded()], moves=[move()], mails=[mail()])
    assert found.faults == []
    assert (found.filed, found.announced, found.latencies_s) == (1, 1, [2.0])


@pytest.mark.parametrize(
    "subject",
    [
        "Acme Ltd: Invoice 1.pdf (same name as another file)",
        "Invoice filed: Invoice 1.pdf (same name as file 5)",  # of the release before
    ],
)
def test_a_mail_that_names_a_file_of_the_same_name_is_about_its_own(subject: str) -> None:
    told = mail() | {"subject": subject}
    assert verdict([uploaded()], moves=[move()], mails=[told]).faults == []


def test_an_accepted_upload_without_a_move_or_without_a_mail_is_lost() -> None:
    assert verdict([uploaded()], moves=[], mails=[]).lost
    assert verdict([uploaded()], moves=[move()], mails=[]).lost


def test_an_upload_whose_webhook_was_never_answered_2xx_is_not_ours_to_lose() -> None:
    found = verdict([uploaded()], deliveries=[delivery(1, status=503)], moves=[], mails=[])
    assert found.faults == []
    assert (found.answered, found.never_accepted) == (0, 1)


def test_a_new_version_that_nobody_was_told_of_is_lost() -> None:
    uploads = [uploaded(), uploaded(version=2, seconds=5)]
    events = [delivery(1), delivery(2, modified=5)]
    assert verdict(uploads, deliveries=events, moves=[move()], mails=[mail(seconds=3)]).lost
    two = [mail(seconds=3), mail(seconds=6, message_id="<c@d>")]
    assert verdict(uploads, deliveries=events, moves=[move()], mails=two).faults == []


def test_a_file_that_moved_more_often_than_it_came_was_moved_twice() -> None:
    assert verdict([uploaded()], moves=[move(), move()], mails=[mail()]).moved_twice


def test_third_party_storage_may_give_one_id_to_two_files() -> None:
    path = "sbox-12-|Invoice 1.pdf"
    uploads = [uploaded(path), uploaded(path, seconds=10, created=10)]
    events = [delivery(1, path), delivery(2, path, created=10)]
    both = [move(path, 8), move(path, 9, created=10)]
    mails = [mail(8), mail(9, seconds=12, message_id="<c@d>")]
    assert verdict(uploads, deliveries=events, moves=both, mails=mails).faults == []
    assert verdict(uploads, deliveries=events, moves=both, mails=mails[:1]).lost


def test_the_next_file_that_has_the_id_of_a_purged_one_is_a_file_of_its_own() -> None:
    uploads = [uploaded(), uploaded(seconds=10, created=10, title="Invoice 2.pdf")]
    events = [delivery(1), delivery(2, created=10)]
    both = [move(), move(created=10)]
    mails = [mail(), mail(seconds=12, message_id="<c@d>", title="Invoice 2.pdf")]
    gone = {uploads[0].file}
    found = verdict(uploads, deliveries=events, moves=both, mails=mails, purged=gone)
    assert (found.faults, found.filed, found.ids_again) == ([], 2, 1)
    assert verdict(uploads, deliveries=events, moves=both, mails=mails[:1], purged=gone).lost
    assert verdict(uploads, deliveries=events, moves=both[:1], mails=mails[:1], purged=gone).lost
    assert verdict(uploads, deliveries=events, moves=[*both, move(created=10)], mails=mails).moved_twice


def test_what_somebody_deleted_before_it_was_told_may_be_filed_or_not_but_not_twice() -> None:
    gone = {uploaded().file}

    def withdrawn(moves: int, mails: int) -> Verdict:
        state = {"moves": [move()] * moves, "mails": [mail(message_id=f"<{n}@b>") for n in range(mails)]}
        return judge(
            [uploaded()],
            {"deliveries": [delivery(1)], "files": [], **state},
            [],
            [],
            incoming=INCOMING,
            withdrawn=gone,
        )

    assert [withdrawn(*done).faults for done in ((0, 0), (1, 0), (1, 1))] == [[], [], []]
    assert withdrawn(2, 1).moved_twice
    assert withdrawn(1, 2).announced_twice


def test_two_mails_with_ids_of_their_own_are_one_too_many() -> None:
    assert verdict([uploaded()], moves=[move()], mails=[mail(), mail(message_id="<c@d>")]).announced_twice


def test_a_second_mail_is_excused_only_by_a_kill_or_lost_ledger_at_that_moment() -> None:
    twice = [mail(seconds=3), mail(seconds=130)]
    for what in ("notifier kill", "ledger freeze"):
        near = verdict([uploaded()], moves=[move()], mails=twice, storm=[Done(what, at(3.5), at(4))])
        assert near.faults == []
        assert near.repeated_in_window
        far = verdict([uploaded()], moves=[move()], mails=twice, storm=[Done(what, at(60), at(61))])
        assert far.announced_twice
    other = verdict([uploaded()], moves=[move()], mails=twice, storm=[Done("mover kill", at(3.5), at(4))])
    assert other.announced_twice


def test_a_dead_invoice_is_shown_as_dead_not_lost_and_fails_the_run() -> None:
    found = verdict([uploaded()], moves=[], mails=[], dead=[DeadLetter("mover.dead", 7, "no right")])
    assert found.lost == []
    assert "no right" in found.faults[0]


def test_a_contract_that_was_moved_is_wrong() -> None:
    contract = uploaded(invoice=False)
    assert verdict([contract], moves=[], mails=[]).skipped == 1
    assert verdict([contract], moves=[move()], mails=[]).wrong


def test_a_move_of_a_withdrawn_uploads_id_is_counted_and_two_are_wrong() -> None:
    contract, earlier = uploaded(invoice=False), {Identity(7, at(-5).isoformat())}
    found = verdict([contract], moves=[move()], mails=[], withdrawn=earlier)
    assert (found.moved_for_another, found.wrong) == (1, [])
    assert verdict([contract], moves=[move(), move()], mails=[], withdrawn=earlier).wrong
    assert verdict([contract], moves=[move()], mails=[], withdrawn={Identity(8, at(-5).isoformat())}).wrong
    assert verdict([contract], moves=[move()], mails=[], withdrawn={Identity(7, at(5).isoformat())}).wrong


def test_what_no_webhook_brought_is_lost_when_the_sweep_has_been_and_not_before() -> None:
    never = [delivery(1, status=503)]
    assert verdict([uploaded()], deliveries=never, moves=[], mails=[]).lost == []
    assert verdict([uploaded()], deliveries=never, moves=[], mails=[], swept=True).lost
    said = [Injected(7, "Invoice 1.pdf", at(10))]
    found = verdict([uploaded()], deliveries=never, moves=[move()], mails=[mail()], swept=True, injected=said)
    assert (found.faults, found.by_sweep, found.filed) == ([], 1, 0)


def test_whatever_was_answered_to_the_events_of_another_room_tells_of_no_invoice() -> None:
    moved_in = [uploaded(kind=MOVED_IN)]
    assert verdict(moved_in, moves=[], mails=[]).faults == []
    assert verdict(moved_in, moves=[], mails=[], swept=True).lost
    assert verdict(moved_in, moves=[move()], mails=[mail()], swept=True).faults == []


def test_what_a_sweep_called_missed_is_counted_by_whether_it_came_later_or_had_come() -> None:
    said = [Injected(7, "Invoice 1.pdf", at(10))]

    def of(seconds: float, mails: int = 1) -> Verdict:
        told = [mail(seconds=40 + number, message_id=f"<{number}@b>") for number in range(mails)]
        events = [delivery(1, seconds=seconds)]
        return verdict([uploaded()], deliveries=events, moves=[move()], mails=told, injected=said, swept=True)

    assert (of(30).called_missed_early, of(30).called_missed_late, of(30).faults) == (1, 0, [])
    assert (of(5).called_missed_early, of(5).called_missed_late, of(5).faults) == (0, 1, [])
    assert of(30, mails=2).announced_twice


def test_a_version_that_no_webhook_told_of_is_not_taken_for_the_one_after_it() -> None:
    """The portal forgot the first, when it was restarted: its event has no row among the deliveries."""
    uploads = [uploaded(), uploaded(version=2, seconds=5)]
    found = verdict(uploads, deliveries=[delivery(2, modified=5)], moves=[move()], mails=[mail(seconds=3)])
    assert found.answered == 1
    assert found.lost
