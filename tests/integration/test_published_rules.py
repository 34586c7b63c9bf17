"""Rules that are published while the real workers run: followed by all of them, without a restart."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from console.doctor.configured import seen_by_all
from shared.process.configuration import configuration
from shared.rules.file import parse_rules
from shared.store.rulebook.store import RulebookStore
from shared.wire.stages import NAMES
from simulator.portal.seed import LIMITED_KEY
from tests.support import forks
from tests.support.brokers import Broker, fresh_vhost
from tests.support.pipeline import INCOMING, ROOM, Pipeline, running_pipeline
from tests.support.waiting import wait_until

RULE = '[[rule]]\nname = "{name}"\n{rooms}\ndestination = {destination}\nrecipients = ["{name}@example.com"]\n'
FLOWS_S = 25.0
KEY = {"Authorization": "Bearer sk-simulator"}


@pytest.fixture(scope="module")
def pipeline(any_broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with (
        fresh_vhost(any_broker) as url,
        running_pipeline(url, tmp_path_factory.mktemp("published")) as running,
    ):
        running.wait_ready()
        yield running


@pytest.fixture
def store(pipeline: Pipeline) -> Iterator[RulebookStore]:
    found = RulebookStore(pipeline.workers["mover"].environ["DATABASE_URL"])
    yield found
    found.close()


def rule(name: str, destination: int, rooms: str = f"rooms = [{ROOM}]") -> str:
    return RULE.format(name=name, rooms=rooms, destination=destination)


def publish(store: RulebookStore, text: str) -> None:
    store.publish(text, "anna", "", rules_hash="")


def live(pipeline: Pipeline, store: RulebookStore, text: str) -> None:
    """Published, and followed by every worker, as their pages tell."""
    publish(store, text)
    of = pipeline.workers["mover"].environ
    wanted = configuration(parse_rules(text.encode(), ""), of["DOCSPACE_API_HOST"])
    pages = [f"http://127.0.0.1:{pipeline.workers[name].port}" for name in NAMES]
    wait_until(lambda: seen_by_all(pages, wanted), 30, "all workers to follow", every_s=0.2)


def folder_beside_incoming(pipeline: Pipeline) -> int:
    beside = next(each["parent_id"] for each in pipeline.state()["folders"] if each["id"] == INCOMING)
    wanted = {"title": "Incoming 2", "parent": beside}
    made = requests.post(f"{pipeline.simulator.url}/simulator/folders", json=wanted, timeout=10)
    made.raise_for_status()
    return int(made.json()["id"])


def room_called(pipeline: Pipeline, title: str, **more: Any) -> int:
    made = requests.post(
        f"{pipeline.simulator.url}/api/2.0/files/rooms", json={"title": title, **more}, headers=KEY, timeout=10
    )
    made.raise_for_status()
    return int(made.json()["response"]["id"])


def filed_in(pipeline: Pipeline, title: str) -> int:
    """Once told of."""
    wait_until(lambda: pipeline.mails_about(title), 60, f"the mail about {title}")
    (file,) = (each for each in pipeline.state()["files"] if each["title"] == title)
    return int(file["folder_id"])


@pytest.mark.timeout(300)
def test_uploads_that_flow_meanwhile_are_each_decided_by_one_whole_set(
    pipeline: Pipeline, store: RulebookStore
) -> None:
    """Each set has another folder and another recipient: a mixture would show in either."""
    other = folder_beside_incoming(pipeline)
    sets = {"one": rule("one", INCOMING), "two": rule("two", other)}
    live(pipeline, store, sets["one"])
    uploaded: dict[str, int | str] = {}
    end, switched = time.monotonic() + FLOWS_S, time.monotonic()
    while time.monotonic() < end:
        title = f"Invoice flow {len(uploaded)}.pdf"
        uploaded[title] = pipeline.upload(title)
        if time.monotonic() - switched > 4:  # often within the time that the workers take to follow
            publish(store, sets[("one", "two")[len(store.switches()) % 2]])
            switched = time.monotonic()
        time.sleep(0.1)  # the pace of the uploads
    wait_until(lambda: len(pipeline.state()["mails"]) >= len(uploaded), 120, "a mail about each upload")
    state = pipeline.state()
    moves = {file_id: [m["to"] for m in state["moves"] if m["file_id"] == file_id] for file_id in uploaded.values()}
    ended = set()
    for title, file_id in uploaded.items():
        mails = [mail["to"] for mail in state["mails"] if title in mail["subject"]]
        assert (len(moves[file_id]), len(mails)) == (1, 1), title
        ended.add((moves[file_id][0], mails[0][0]))
    assert ended == {(INCOMING, "one@example.com"), (other, "two@example.com")}


@pytest.mark.timeout(180)
def test_rules_that_the_workers_cannot_read_keep_the_last_and_are_a_fault(
    pipeline: Pipeline, store: RulebookStore
) -> None:
    live(pipeline, store, rule("three", INCOMING))
    publish(store, rule("four", INCOMING) + "moons = 1\n")
    for name in NAMES:
        wait_until(lambda name=name: "moons: unknown key" in pipeline.unready(name), 30, f"{name} to say so")
    pipeline.upload("Invoice kept.pdf")
    assert filed_in(pipeline, "Invoice kept.pdf") == INCOMING
    assert pipeline.mails_about("Invoice kept.pdf")[0]["to"] == ["three@example.com"]
    live(pipeline, store, rule("five", INCOMING))
    pipeline.wait_ready()


@pytest.mark.timeout(180)
def test_a_new_room_that_fits_is_served_by_its_name_and_by_its_tag(
    pipeline: Pipeline, store: RulebookStore
) -> None:
    live(pipeline, store, rule("clients", INCOMING, 'room_names = ["Client *"]\nroom_tags = ["customer"]'))
    named, tagged = room_called(pipeline, "CLIENT Globex"), room_called(pipeline, "Initech", tags=["Customer"])
    neither = room_called(pipeline, "Our clients")
    for title, room in (("Invoice name.pdf", named), ("Invoice tag.pdf", tagged), ("Invoice no.pdf", neither)):
        pipeline.upload(title, folder=room)
    assert filed_in(pipeline, "Invoice name.pdf") == filed_in(pipeline, "Invoice tag.pdf") == INCOMING
    skipped = (
        f'rule "clients": folder {neither} (Rooms / Our clients) is not in a room named "Client *" '
        'or a room tagged "customer"'
    )
    wait_until(
        lambda: skipped in {event.get("reason") for event in pipeline.settled("classifier")},
        30, "the upload to another room to be skipped",
    )  # fmt: skip


@pytest.mark.timeout(180)
def test_the_sweep_looks_into_rooms_that_fit_and_says_where_it_cannot_list_them(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    room = room_called(pipeline, "Client Umbrella")
    wanted = {"folder": room, "folders": 1, "depth": 1, "files": 1, "title": "Invoice swept {}.pdf", "age_s": 60}
    requests.post(f"{pipeline.simulator.url}/simulator/seed", json=wanted, timeout=10).raise_for_status()
    file = tmp_path / "rules.toml"
    file.write_text(rule("clients", INCOMING, 'room_names = ["Client Umbrella"]'))
    report = swept(pipeline, RULES_FILE=str(file))
    assert [each["state"] for each in report["files"]] == ["missed"]
    blind = swept(pipeline, RULES_FILE=str(file), DOCSPACE_API_KEY=LIMITED_KEY)
    assert blind["files"] == []
    assert any(each.startswith("the rooms that fit a rule, which cannot be listed") for each in blind["unchecked"])


def swept(pipeline: Pipeline, **environ: str) -> dict[str, Any]:
    options = ("--grace", "0", "--json", "--dry-run", "--since", "1h")
    command = (sys.executable, "-m", "console", "reconcile", *options)
    done = forks.run(command, pipeline.workers["mover"].environ | environ, 120)
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found | {"files": [each for each in found["files"] if each["title"].startswith("Invoice swept")]}
