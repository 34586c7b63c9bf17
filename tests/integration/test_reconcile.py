"""`intake reconcile`: the uploads whose webhooks never came, against the real workers, broker and portal."""

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from shared.docspace.client import Client
from shared.docspace.model import entry_time
from shared.store.keys import move_key
from shared.store.ledger import Ledger, Won
from shared.wire.events import DEFAULT_PORTAL
from tests.support import forks
from tests.support.brokers import Broker, fresh_vhost
from tests.support.pipeline import INCOMING, ROOM, SUBFOLDER, Pipeline, running_pipeline
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def pipeline(any_broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with (
        fresh_vhost(any_broker) as url,
        running_pipeline(url, tmp_path_factory.mktemp("reconcile")) as running,
    ):
        running.wait_ready()
        yield running


def environ(pipeline: Pipeline, **changed: str) -> dict[str, str]:
    return pipeline.workers["mover"].environ | changed


def reconcile(
    pipeline: Pipeline, *arguments: str, code: int = 0, **changed: str
) -> tuple[dict[str, Any], subprocess.CompletedProcess[str]]:
    command = (sys.executable, "-m", "console", "reconcile", "--grace", "0", "--json", *arguments)
    done = forks.run(command, environ(pipeline, **changed))
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout) if done.stdout else {}, done


def states(report: dict[str, Any]) -> dict[str, str]:
    return {file["title"]: file["state"] for file in report["files"]}


def filed_once(pipeline: Pipeline, title: str, file_id: int | str) -> None:
    wait_until(lambda: pipeline.mails_about(title), timeout_s=60, what=f"the mail about {title}")
    assert len(pipeline.mails_about(title)) == 1
    assert len(pipeline.moves_of(file_id)) == 1
    assert {file["id"]: file["folder_id"] for file in pipeline.state()["files"]}[file_id] == INCOMING


def webhooks(pipeline: Pipeline, method: str, path: str = "", **body: Any) -> Any:
    answer = requests.request(
        method,
        f"{pipeline.simulator.url}/api/2.0/settings/webhook{path}",
        headers={"Authorization": "Bearer sk-simulator"},
        json=body or None,
        timeout=10,
    )
    answer.raise_for_status()
    return answer.json()["response"]


def switch_webhook(pipeline: Pipeline, *, on: bool) -> str:
    """Its name. By an update, as the portal's own switch takes no http address."""
    (hook,) = webhooks(pipeline, "GET")
    config = hook["configs"]
    kept = {name: config[name] for name in ("id", "name", "uri", "triggers")}
    webhooks(pipeline, "PUT", **kept, secretKey="", ssl=False, targetId="", enabled=on)
    return str(config["name"])


def test_what_was_submitted_in_a_form_room_is_found(pipeline: Pipeline, tmp_path: Path) -> None:
    """No event names such a file; the portal puts it into a folder of the form's below the room."""
    url, key = pipeline.simulator.url, {"Authorization": "Bearer sk-simulator"}
    made = requests.post(
        f"{url}/api/2.0/files/rooms", json={"title": "Forms", "roomType": 1}, headers=key, timeout=10
    )
    room = made.json()["response"]["id"]
    wanted = {"folder": room, "folders": 2, "depth": 2, "files": 2, "title": "Invoice form {}.pdf", "age_s": 60}
    requests.post(f"{url}/simulator/seed", json=wanted, timeout=10).raise_for_status()
    rules = tmp_path / "rules.toml"
    rules.write_text(
        f'[[rule]]\nname = "forms"\nrooms = [{room}]\ndestination = {INCOMING}\nrecipients = ["a@b.de"]\n'
    )
    report, _ = reconcile(pipeline, "--dry-run", "--since", "1h", RULES_FILE=str(rules))
    assert states(report) == {"Invoice form 0.pdf": "missed", "Invoice form 1.pdf": "missed"}


@pytest.mark.timeout(240)
def test_what_came_while_nobody_listened_is_found_filed_and_announced_once(pipeline: Pipeline) -> None:
    early = pipeline.upload("Invoice early.pdf")
    filed_once(pipeline, "Invoice early.pdf", early)
    pipeline.workers["ingress"].stop(signal.SIGTERM)
    lost = {
        title: pipeline.upload(title, folder=folder, kind=kind)
        for title, folder, kind in (
            ("Invoice lost 1.pdf", ROOM, "chunked"),
            ("Invoice lost 2.pdf", SUBFOLDER, "chunked"),
            ("invoice lost 3.pdf", ROOM, "simple"),
        )
    }
    pipeline.upload("Contract.pdf")
    wait_until(lambda: given_up(pipeline) >= 5, timeout_s=60, what="the portal to give up")
    pipeline.workers["ingress"].start()
    pipeline.wait_ready()

    report, _ = reconcile(pipeline, "--dry-run")
    expected = dict.fromkeys(lost, "missed") | {"Contract.pdf": "no invoice"}
    assert states(report) == expected
    assert report["injected"] == 0
    assert all(pipeline.moves_of(file_id) == [] for file_id in lost.values())

    twins = [
        forks.start((sys.executable, "-m", "console", "reconcile", "--grace", "0"), environ(pipeline), None)
        for _ in range(2)
    ]
    assert [twin.wait(60) for twin in twins] == [0, 0]
    for title, file_id in lost.items():
        filed_once(pipeline, title, file_id)
    report, _ = reconcile(pipeline)
    assert states(report) == {"Contract.pdf": "no invoice"}
    for title, file_id in lost.items():
        filed_once(pipeline, title, file_id)


def given_up(pipeline: Pipeline) -> int:
    rows = requests.get(
        f"{pipeline.simulator.url}/api/2.0/settings/webhooks/log",
        headers={"Authorization": "Bearer sk-simulator"},
        timeout=10,
    ).json()["response"]
    last = {attempt["event_id"] for attempt in pipeline.state()["deliveries"] if attempt["attempt"] == 5}
    return sum(1 for row in rows if row["id"] in last and not row.get("delivery"))


def test_what_is_too_young_is_left_to_its_webhook(pipeline: Pipeline) -> None:
    name = switch_webhook(pipeline, on=False)
    try:
        file_id = pipeline.upload("Invoice young.pdf")
        report, done = reconcile(pipeline, "--grace", "600", code=1)
        assert states(report)["Invoice young.pdf"] == "too fresh"
        assert f'"{name}" is disabled' in done.stderr
        assert "`intake webhook enable 7`" in done.stderr
        assert "no webhook comes of it" in report["files"][0]["why"]
        report, _ = reconcile(pipeline, code=1)
        assert states(report)["Invoice young.pdf"] == "missed"
        filed_once(pipeline, "Invoice young.pdf", file_id)
    finally:
        switch_webhook(pipeline, on=True)


def test_a_webhook_that_is_gone_is_said_loudly(pipeline: Pipeline) -> None:
    (hook,) = webhooks(pipeline, "GET")
    webhooks(pipeline, "DELETE", f"/{hook['configs']['id']}")
    _, done = reconcile(pipeline, "--dry-run", code=1)
    assert "WARNING: the portal has no webhook" in done.stderr


def test_what_is_filed_and_was_put_back_is_reported_and_left_alone(pipeline: Pipeline) -> None:
    file_id = pipeline.upload("Invoice back.pdf")
    reconcile(pipeline, code=1)
    filed_once(pipeline, "Invoice back.pdf", file_id)
    requests.put(
        f"{pipeline.simulator.url}/api/2.0/files/fileops/move",
        headers={"Authorization": "Bearer sk-simulator"},
        json={"fileIds": [file_id], "folderIds": [], "destFolderId": ROOM, "conflictResolveType": 2},
        timeout=10,
    ).raise_for_status()
    wait_until(
        lambda: {file["id"]: file["folder_id"] for file in pipeline.state()["files"]}[file_id] == ROOM,
        timeout_s=20,
        what="the file to be back in the room",
    )
    report, _ = reconcile(pipeline, code=1)
    assert states(report)["Invoice back.pdf"] == "already done"
    assert report["injected"] == 0


def test_what_a_message_that_is_gone_had_begun_is_sent_in_again_and_filed_once(pipeline: Pipeline) -> None:
    """After the webhook is gone, so that nothing else brings the files in."""
    begun = {title: pipeline.upload(title) for title in ("Invoice waits.pdf", "Invoice left.pdf")}
    with (
        contextlib.closing(Ledger(pipeline.workers["mover"].environ["DATABASE_URL"], owner="test")) as ledger,
        contextlib.closing(Client(pipeline.simulator.url, "sk-simulator", pool_size=1)) as client,
    ):
        for (title, file_id), ago_s in zip(begun.items(), (60.0, 86_400.0), strict=True):
            file = client.file(file_id)
            assert file.created_at is not None
            key = move_key(DEFAULT_PORTAL, file_id, file.version, entry_time(file.created_at), None)
            assert isinstance(ledger.claim(key, -ago_s, message=f"of {title}"), Won)
    report, _ = reconcile(pipeline, code=1)
    assert states(report)["Invoice waits.pdf"] == "under way"
    assert states(report)["Invoice left.pdf"] == "missed"
    filed_once(pipeline, "Invoice left.pdf", begun["Invoice left.pdf"])
    assert pipeline.moves_of(begun["Invoice waits.pdf"]) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"DOCSPACE_API_HOST": "http://127.0.0.1:9"}, "cannot be reached"),
        ({"AMQP_URL": "amqp://127.0.0.1:9/"}, "no connection to the broker"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence_and_exit_code_1(
    pipeline: Pipeline, changed: dict[str, str], said: str
) -> None:
    _, done = reconcile(pipeline, code=1, **changed)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_running_reconciler_sweeps_by_itself_and_ends_on_sigterm(pipeline: Pipeline, tmp_path: Path) -> None:
    log = tmp_path / "reconciler.log"
    with log.open("wb") as stream:
        process = forks.start(
            (sys.executable, "-m", "console", "reconcile", "--grace", "0"),
            environ(pipeline, RECONCILE_EVERY_S="1"),
            stream,
        )
    try:
        wait_until(lambda: "worker.started" in log.read_text(), timeout_s=30, what="the reconciler to start")
        file_id = pipeline.upload("Invoice swept.pdf")
        filed_once(pipeline, "Invoice swept.pdf", file_id)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
    assert "webhook.missing" in log.read_text()
