"""The verdict counts an invoice as told by what a message about several names, as the product writes it."""

from typing import Any

from shared.announcing.digest import DigestTexts, Named
from shared.announcing.voice import Voice
from shared.wire.events import InvoiceFiled
from tests.chaos.mails import named_in
from tests.chaos.test_verdict import at, delivery, mail, move, uploaded, verdict

TITLES = {7: "Invoice 7 (a).pdf", 8: "Invoice 8.pdf", 9: "Invoice 9.pdf"}
MOVES = [move(7, 7), move(8, 8), move(9, 9)]
UPLOADS = [uploaded(file_id, title=title) for file_id, title in TITLES.items()]
DELIVERIES = [delivery(file_id, file_id) for file_id in TITLES]


def digest(*file_ids: int, message_id: str = "<d@b>") -> dict[str, Any]:
    filed = [
        InvoiceFiled(
            file_id=file_id, source_file_id=file_id, version=1, title=TITLES[file_id], rule="r", destination=2,
            recipients=(), destination_path=("Accounting", "Incoming"), room_title=f"Client {file_id % 2}",
            uploaded_at="2026-01-01T00:00:00Z", namesakes=(1,) if file_id == 8 else (),
            web_url=f"http://portal/products/files/doceditor?fileid={file_id}&version=1",
        )
        for file_id in file_ids
    ]  # fmt: skip
    texts = DigestTexts([Named(each, "c") for each in filed], "w", Voice())
    return {
        "message_id": message_id,
        "subject": texts.full.subject,
        "at": at(25).isoformat(),
        "text": texts.full.text.replace("\n", "\r\n"),
    }


def judged(*mails: dict[str, Any]):
    return verdict(UPLOADS, deliveries=DELIVERIES, moves=MOVES, mails=list(mails))


def test_what_it_names_was_told_once():
    assert sorted(named_in(digest(7, 8, 9))) == [(str(file_id), title) for file_id, title in TITLES.items()]
    found = judged(digest(7, 8), mail(9, title=TITLES[9]))
    assert found.faults == []
    assert found.announced == 3


def test_what_it_does_not_name_is_lost():
    assert [lost.split(" (file")[0] for lost in judged(digest(7, 8)).lost] == [TITLES[9]]


def test_what_it_names_twice_or_after_another_message_was_told_twice():
    assert len(judged(digest(7, 8, 8, 9)).announced_twice) == 1
    assert len(judged(digest(7, 8, 9), digest(8, 9, message_id="<e@b>")).announced_twice) == 2
    assert len(judged(digest(7, 8), mail(8, title=TITLES[8]), mail(9, title=TITLES[9])).announced_twice) == 1
    assert len(judged(digest(7, 8, 9), digest(7, 8, 9)).announced_twice) == 3  # no crash explains the repeat
