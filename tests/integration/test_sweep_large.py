"""A room of 10,000 files in 500 folders, three deep, east and west of UTC: what a pass finds, and its cost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

import pytest
import requests

from console.reconcile.by_hand import Wish, pass_by_hand, write_baseline
from console.reconcile.report import Report
from console.reconcile.settings import Settings
from shared.process.settings import load
from simulator.portal import seed
from tests.support.brokers import Broker, fresh_vhost
from tests.support.pipeline import INCOMING, Pipeline, running_pipeline
from tests.support.waiting import wait_until

FILES, FOLDERS, DEPTH = 10_000, 500, 3
LOST = 25
"""By each way, on each portal."""
DAYS_S = 30 * 86_400
WINDOW_S = 7_200
FULL_PAGES = 120
PAGES = "GET files/{folder_id}?filterType"
FILE_LOGS = "GET files/file/{file_id}/log"
OWNER = {"Authorization": f"Bearer {seed.OWNER_KEY}"}


class Room:
    """The client's, as it was before its rule was made."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.settings = load(Settings, pipeline.workers["mover"].environ)
        self.folders: list[int] = self.seeded(folders=FOLDERS, depth=DEPTH, files=FILES)["folders"]
        before = self.pages()
        counts = write_baseline(self.settings, datetime.now(UTC) + timedelta(seconds=1), lambda _: None)
        assert counts == {str(seed.CLIENT_ROOM): FILES}
        assert self.pages() - before <= FULL_PAGES

    def seeded(self, **wanted: Any) -> dict[str, list[int]]:
        found: dict[str, list[int]] = self.own("POST", "seed", json={"age_s": DAYS_S, **wanted})
        return found

    def own(self, method: str, path: str, **request: Any) -> Any:
        answer = requests.request(method, f"{self.pipeline.simulator.url}/simulator/{path}", timeout=60, **request)
        answer.raise_for_status()
        return answer.json()

    def asked(self, route: str) -> int:
        state: dict[str, Any] = self.own("GET", "state", params={"limit": 0})
        return int(state["routes"].get(route, 0))

    def newest(self) -> dict[str, Any]:
        """Of each list what these tests made, without the ten thousand."""
        found: dict[str, Any] = self.own("GET", "state", params={"limit": 8 * LOST})
        return found

    def pages(self) -> int:
        return self.asked(PAGES)

    def upload_in_vain(self, name: str) -> list[int | str]:
        """Deep in the room, while the portal keeps no webhook for us."""
        deep = self.folders[DEPTH - 1 :: DEPTH]
        return [self.pipeline.upload(f"Invoice {name} {n}.pdf", folder=deep[n]) for n in range(LOST)]

    def move_folder_in(self, name: str) -> list[int]:
        """With old invoices in it, which no event tells of."""
        moved = self.seeded(
            folder=seed.OTHER_CLIENT_ROOM, folders=1, files=LOST, title=f"Invoice {name} {{}}.pdf"
        )  # fmt: skip
        body = {"folderIds": moved["folders"], "fileIds": [], "destFolderId": self.folders[0]}
        url = f"{self.pipeline.simulator.url}/api/2.0/files/fileops/move"
        answer = requests.put(url, headers=OWNER, json=body | {"conflictResolveType": 2}, timeout=10)
        answer.raise_for_status()
        inside = f"{self.pipeline.simulator.url}/api/2.0/files/folder/{moved['folders'][0]}"
        wait_until(
            lambda: requests.get(inside, headers=OWNER, timeout=10).json()["response"]["parentId"]
            == self.folders[0],
            20, "the folder to be moved",
        )  # fmt: skip
        return moved["files"]

    def sweep(self, *, full: bool) -> Report:
        wish = Wish(since_s=WINDOW_S, overrides=False, full=full, grace_s=0, dry_run=False, keeps_all=False)
        return pass_by_hand(self.settings, wish, lambda _: None)

    def wait_filed_once(self, file_ids: list[Any], name: str) -> None:
        def mails() -> int:
            return sum(f"Invoice {name} " in mail["subject"] for mail in self.newest()["mails"])

        wait_until(lambda: mails() >= len(file_ids), 60, f"the mails about {name}", every_s=0.5)
        state = self.newest()
        moves = [move["file_id"] for move in state["moves"] if move["file_id"] in set(file_ids)]
        assert sorted(moves, key=str) == sorted(file_ids, key=str)
        assert mails() == len(file_ids)
        places = {file["id"]: file["folder_id"] for file in state["files"]}
        assert {places[file_id] for file_id in file_ids} == {INCOMING}


@pytest.fixture(scope="module")
def room(any_broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with (
        fresh_vhost(any_broker) as url,
        running_pipeline(url, tmp_path_factory.mktemp("large"), RETRY_DELAYS_S="1,2") as running,
    ):
        found = Room(running)
        running.wait_ready()
        hooks = running.simulator.webhooks
        for webhook_id in list(hooks.by_id):
            hooks.disable(webhook_id)
        yield found


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("timezone", "name"), [("+09:00", "east"), ("-05:00", "west")])
def test_each_pass_finds_what_it_promises_and_all_is_filed_and_told_once(
    room: Room, timezone: str, name: str
) -> None:
    room.pipeline.mood(timezone=timezone)
    lost = room.upload_in_vain(name)
    brought = room.move_folder_in(f"{name} brought")

    before, logs = room.pages(), room.asked(FILE_LOGS)
    found = room.sweep(full=False)
    assert found.injected == LOST
    assert room.pages() - before <= ceil(len(lost) / 85) + 2
    assert room.asked(FILE_LOGS) - logs == LOST
    room.wait_filed_once(lost, name)

    before = room.pages()
    found = room.sweep(full=True)
    assert found.injected == LOST
    assert {each.file.id for each in found.findings if each.state.value == "missed"} == set(brought)
    assert room.pages() - before <= FULL_PAGES
    room.wait_filed_once(brought, f"{name} brought")
    assert room.sweep(full=False).injected == 0
