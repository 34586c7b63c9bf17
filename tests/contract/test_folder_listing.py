"""The client lists the simulated portal's folders, as DocSpace does: by position, third parties one by one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
import requests

from shared.docspace.client import Client
from shared.wire.events import EntryId
from simulator.portal.seed import ACCOUNTING_ROOM, CLIENT_ROOM, CLIENT_SUBFOLDER, DROPBOX_ROOM, INCOMING
from simulator.server import Simulator
from simulator.settings import Settings
from tests.support.waiting import wait_until

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    server = Simulator(Settings(port=0, smtp_port=0, webhook_url="", operation_ms=0))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(simulator: Simulator) -> Iterator[Client]:
    found = Client(simulator.url, "sk-simulator", pool_size=1)
    yield found
    found.close()


def upload(simulator: Simulator, title: str, folder: EntryId) -> EntryId:
    answer = requests.post(
        f"{simulator.url}/simulator/upload", params={"folder": str(folder), "name": title}, data=b"x", timeout=10
    )
    answer.raise_for_status()
    file_id: EntryId = answer.json()["id"]
    return file_id


def subfolder(simulator: Simulator, parent: EntryId, title: str) -> EntryId:
    answer = requests.post(
        f"{simulator.url}/api/2.0/files/folder/{parent}",
        headers={"Authorization": "Bearer sk-simulator"}, json={"title": title}, timeout=10,
    )  # fmt: skip
    answer.raise_for_status()
    folder_id: EntryId = answer.json()["response"]["id"]
    return folder_id


def test_files_that_leave_between_two_pages_hide_none_of_the_others(simulator: Simulator, client: Client) -> None:
    ids = {upload(simulator, f"Invoice {number}.pdf", CLIENT_ROOM) for number in range(130)}
    found = []
    for file in chain.from_iterable(client.files_below(CLIENT_ROOM, LONG_AGO)):
        found.append(file.id)
        if len(found) == 50:  # the first page is read, the second not asked for
            client.move(found[:40], INCOMING)
            wait_until(lambda: client.file(found[39]).folder_id == INCOMING, 20, "the move")
    assert len(found) == len(set(found))
    assert set(found) == ids


def test_a_third_partys_folders_are_walked_one_by_one(simulator: Simulator, client: Client) -> None:
    first = subfolder(simulator, DROPBOX_ROOM, "2026")
    second = subfolder(simulator, first, "July")
    titles = {"a.pdf": DROPBOX_ROOM, "b.pdf": first, "c.pdf": second}
    for title, folder in titles.items():
        upload(simulator, title, folder)
    assert {file.title: file.folder_id for file in chain.from_iterable(client.files_below(DROPBOX_ROOM))} == titles


def test_own_storage_is_listed_with_all_its_subfolders_at_once(simulator: Simulator, client: Client) -> None:
    upload(simulator, "a.pdf", CLIENT_ROOM)
    upload(simulator, "b.pdf", CLIENT_SUBFOLDER)
    assert {file.title for file in chain.from_iterable(client.files_below(CLIENT_ROOM))} == {"a.pdf", "b.pdf"}


@pytest.mark.parametrize("room", [CLIENT_ROOM, DROPBOX_ROOM])
def test_what_did_not_change_since_is_left_out(simulator: Simulator, client: Client, room: EntryId) -> None:
    upload(simulator, "a.pdf", room)
    assert list(chain.from_iterable(client.files_below(room, datetime.now(UTC) + timedelta(hours=1)))) == []
    assert list(chain.from_iterable(client.files_below(ACCOUNTING_ROOM))) == []
