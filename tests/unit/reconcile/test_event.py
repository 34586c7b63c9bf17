"""The sweep's event and the portal's own webhook are one upload: one correlation id, one key in the ledger."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from console.reconcile import event
from console.reconcile.event import UNKNOWN, Uploader
from ingress.webhook import received
from shared.docspace.field import moment
from shared.docspace.model import FileInfo, entry_time
from shared.docspace.payload import parse
from shared.store.keys import move_key
from shared.wire.events import DEFAULT_PORTAL
from shared.wire.message import derived_id
from tests.unit.reconcile.desk import CLIENT, CREATED, NOW, ROOM, a_file

RECORDED = Path(__file__).parents[2] / "recorded"
CLIENT_USER = Uploader(CLIENT, "Jane")


def published(file: FileInfo, uploader: Uploader = CLIENT_USER, now: int = 1):
    body = event.body(file, "file.uploaded", uploader)
    return event.publication(file, body, "file.uploaded", DEFAULT_PORTAL, now).message


def test_an_events_ids_are_those_of_the_upload_and_repeat() -> None:
    one, other = (published(a_file(), now=now) for now in (1, 2))
    assert (one.message_id, one.correlation_id) == (other.message_id, other.correlation_id)
    assert one.correlation_id == derived_id("upload", 7, "2026-07-02T11:30:00Z")
    assert published(a_file(version=2, modified_at=NOW)).message_id != one.message_id
    webhook = parse(one.body)
    assert (webhook.entry.id, webhook.entry.parent_id, webhook.actor) == (7, ROOM, CLIENT)


def recorded_webhook(**payload: object) -> bytes:
    body = json.loads(json.loads((RECORDED / "hook-delivery-file.uploaded.json").read_text())["body"])
    body["payload"] |= payload
    return json.dumps(body).encode()


@pytest.mark.parametrize("file_id", [472, "sbox-12-|Invoice.pdf"], ids=["the portal's storage", "a third party's"])
@pytest.mark.parametrize(
    ("told", "listed"),
    [
        ("2026-11-29T20:26:35.533444Z", "2026-11-30T05:26:35.5334440+09:00"),
        ("2026-11-29T20:26:35Z", "2026-11-29T15:26:35.0000000-05:00"),
        ("2026-11-29T20:26:35.5Z", "2026-11-29T20:26:35.5000000Z"),
    ],
)
def test_the_sweeps_event_and_the_portals_own_have_one_correlation_id_and_one_key(
    file_id: int | str, told: str, listed: str
) -> None:
    portals = received(recorded_webhook(id=file_id, createOn=told, modifiedOn=told), 1)
    at = moment(listed)
    assert at is not None
    file = a_file(id=file_id, created_at=at, modified_at=at)
    ours = published(file)
    assert ours.correlation_id == portals.correlation_id

    def key(body: bytes) -> str:
        entry = parse(body).entry
        return move_key(DEFAULT_PORTAL, entry.id, 1, entry_time(at), entry.modified_at)

    assert key(ours.body) == key(portals.body)


def test_a_first_version_that_was_renamed_has_the_correlation_id_of_its_upload() -> None:
    renamed = a_file(title="Invoice new.pdf", modified_at=CREATED + timedelta(minutes=9))
    assert published(renamed).correlation_id == published(a_file()).correlation_id


def test_who_uploaded_it_is_told_with_the_name_and_never_who_changed_it_last() -> None:
    webhook = parse(published(a_file(modified_by="renamer", created_by="owner")).body)
    assert (webhook.actor, webhook.entry.created_by_name) == (CLIENT, "Jane")
    nobody = parse(published(a_file(modified_by="renamer"), UNKNOWN).body)
    assert (nobody.actor, nobody.entry.created_by) == ("unknown", "unknown")
