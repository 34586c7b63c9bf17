"""A portal gives a file's id again: the file that has it next is another invoice, and is filed and told."""

from collections.abc import Iterator

import pytest
import requests

from simulator.portal import seed
from tests.support.brokers import Broker, fresh_vhost
from tests.support.pipeline import INCOMING, MANAGER, ROOM, Pipeline, running_pipeline
from tests.support.waiting import wait_until

OTHER_ROOM = seed.OTHER_CLIENT_ROOM
ARCHIVE_FOLDER = seed.ACCOUNTING_ROOM
"""Where the bookkeeper puts what is done with; no rule is about it."""
RULES = f"""
[[rule]]
name = "clients"
rooms = [{ROOM}, {OTHER_ROOM}]
destination = {INCOMING}
recipients = ["{MANAGER}"]
"""


@pytest.fixture(scope="module")
def pipeline(any_broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("ids")
    (folder / "rules.toml").write_text(RULES)
    with (
        fresh_vhost(any_broker) as url,
        running_pipeline(url, folder, RULES_FILE=str(folder / "rules.toml")) as running,
    ):
        running.wait_ready()
        yield running


def filed_and_told(pipeline: Pipeline, title: str, *, room: int = ROOM) -> int | str:
    """Upload it, and wait until it is done."""
    file_id = pipeline.upload(title, folder=room, kind="simple")
    wait_until(lambda: pipeline.mails_about(title), 30, f"the mail about {title}")
    assert told_of(pipeline, title) == (1, 1)
    return file_id


def told_of(pipeline: Pipeline, title: str) -> tuple[int, int]:
    """How often it was moved, and told of."""
    return sum(move["title"] == title for move in pipeline.state()["moves"]), len(pipeline.mails_about(title))


def as_owner(pipeline: Pipeline, method: str, path: str, **body: object) -> None:
    url, key = f"{pipeline.simulator.url}/api/2.0/{path}", {"Authorization": f"Bearer {seed.OWNER_KEY}"}
    requests.request(method, url, json=body, headers=key, timeout=5).raise_for_status()


def ids(pipeline: Pipeline) -> set[int | str]:
    return {file["id"] for file in pipeline.state()["files"]}


def purge(pipeline: Pipeline, file_id: int | str) -> None:
    """As a person does."""
    as_owner(pipeline, "DELETE", f"files/file/{file_id}", deleteAfter=False, immediately=True)
    wait_until(lambda: file_id not in ids(pipeline), 10, "the file to be gone")


def test_after_the_newest_file_was_purged(pipeline: Pipeline) -> None:
    first = filed_and_told(pipeline, "Invoice purged.pdf")
    purge(pipeline, first)
    assert filed_and_told(pipeline, "Invoice after the purge.pdf", room=OTHER_ROOM) == first
    assert told_of(pipeline, "Invoice purged.pdf") == (1, 1)


def test_again_and_again(pipeline: Pipeline) -> None:
    """One id for five invoices, each purged when it was filed."""
    found = set()
    for number in range(5):
        file_id = filed_and_told(pipeline, f"Invoice again {number}.pdf", room=(ROOM, OTHER_ROOM)[number % 2])
        found.add(file_id)
        purge(pipeline, file_id)
    assert len(found) == 1


def test_after_the_newest_file_was_moved_over_another(pipeline: Pipeline) -> None:
    title = "Invoice moved over another.pdf"
    requests.post(
        f"{pipeline.simulator.url}/simulator/upload",
        params={"folder": str(ARCHIVE_FOLDER), "name": title, "as": "owner"},
        data=b"%PDF-1.7 sample",
        timeout=10,
    ).raise_for_status()
    first = filed_and_told(pipeline, title)
    as_owner(
        pipeline, "PUT", "files/fileops/move",
        fileIds=[first], folderIds=[], destFolderId=ARCHIVE_FOLDER, conflictResolveType=1, deleteAfter=True,
    )  # fmt: skip
    wait_until(lambda: first not in ids(pipeline), 10, "the file to be a version of the other")
    assert filed_and_told(pipeline, "Invoice of the same id.pdf", room=OTHER_ROOM) == first
    assert len(pipeline.mails_about(title)) == 1


def test_after_the_portal_was_restored_from_a_backup(pipeline: Pipeline) -> None:
    portal = f"{pipeline.simulator.url}/simulator/portal"
    requests.post(f"{portal}/backup", timeout=5).raise_for_status()
    lost = [filed_and_told(pipeline, f"Invoice after the backup {number}.pdf") for number in range(3)]
    pipeline.mood(state="restoring")
    nobody_knows = "Invoice that came while the backup was restored.pdf"
    lost.append(pipeline.upload(nobody_knows))
    requests.post(f"{portal}/restore", timeout=5).raise_for_status()
    pipeline.mood()
    for number, file_id in enumerate(lost):
        title = f"Invoice since the restoring {number}.pdf"
        assert filed_and_told(pipeline, title, room=OTHER_ROOM) == file_id
    assert told_of(pipeline, nobody_knows) == (0, 0)
    assert not [event for event in pipeline.settled("mover") if event["outcome"] == "dead"]
