"""A portal that as a whole does not work, for twice as long as a message may wait: nothing is lost.

The real pipeline on a real broker. Nobody touches what is ours: when the portal is well again, the work goes on.
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from shared.amqp.topology import topology
from tests.support import forks
from tests.support.brokers import Broker, fresh_vhost
from tests.support.pipeline import INCOMING, Pipeline, running_pipeline
from tests.support.runtime import messages_in
from tests.support.waiting import wait_until

MAX_AGE_S = float(os.environ.get("PROOF_MAX_AGE_S") or 6)
DELAYS_S = (1, 2, 5)
BACK_WITHIN_S = 60.0
"""Two probes are 10 s apart at most, the longest step of the ladder is 5 s; the rest is a busy machine's."""


@dataclass(frozen=True)
class Case:
    mood: dict[str, Any]
    readiness: str
    """What /readyz of the mover or the classifier says."""
    doctor: str
    """What the doctor says of the portal."""


ELSEWHERE = "http://127.0.0.1:9"
MOODS = {
    "suspended": Case({"state": "suspended"}, "the portal is suspended", "is suspended"),
    "restoring": Case(
        {"state": "restoring"}, "being restored, moved or encrypted", "is being restored, moved or encrypted"
    ),
    "unpaid": Case({"state": "unpaid"}, "the portal is unpaid (402)", "is unpaid (402)"),
    "renamed": Case(
        {"renamed": ELSEWHERE},
        "something else than the portal answers (301 to GET settings)",
        "something else than the portal answers (301 to GET settings)",
    ),
    "maintenance": Case(
        {"maintenance": 200},
        "something else than the portal answers (200 to GET settings)",
        "something else than the portal answers (200 to GET settings)",
    ),
    "key dropped": Case({"drop_key": True}, "our API key does not arrive", "our API key does not arrive"),
    "key off": Case({"key_off": True}, "the portal refuses our API key", "refuses our API key (401)"),
}


@pytest.fixture(scope="module")
def vhost(any_broker: Broker) -> Iterator[str]:
    with fresh_vhost(any_broker) as url:
        yield url


@pytest.fixture(scope="module")
def pipeline(vhost: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    patience: dict[str, Any] = {"RETRY_DELAYS_S": ",".join(map(str, DELAYS_S)), "RETRY_MAX_AGE_S": f"{MAX_AGE_S:g}"}
    with running_pipeline(vhost, tmp_path_factory.mktemp("moods"), **patience) as running:
        running.wait_ready()
        yield running


@pytest.mark.timeout(180 + 3 * MAX_AGE_S)
@pytest.mark.parametrize("name", MOODS)
def test_uploads_before_during_and_after_are_filed_and_told_once_without_a_person(
    pipeline: Pipeline, vhost: str, name: str
) -> None:
    case, files = MOODS[name], {}

    def upload(when: str) -> None:
        for kind in ("chunked", "simple"):
            title = f"Invoice {name} {when} {kind}.pdf"
            files[pipeline.upload(title, kind=kind)] = title

    for number in range(3):
        upload(f"before {number}")
    pipeline.mood(**case.mood)
    began, told = time.monotonic(), False
    doctors: list[str] = []
    while time.monotonic() < began + 2 * MAX_AGE_S:
        upload(f"during {time.monotonic() - began:.0f} s")
        told = told or any(case.readiness in pipeline.unready(worker) for worker in ("classifier", "mover"))
        if told and not doctors:
            doctors = doctor_on_the_portal(pipeline)
        time.sleep(MAX_AGE_S / 5)
    assert told, [pipeline.unready(worker) for worker in ("classifier", "mover")]
    assert any(case.doctor in line for line in doctors), doctors
    pipeline.mood()
    upload("at last")

    wait_until(lambda: all_told(pipeline, files), BACK_WITHIN_S, "every invoice to be filed and told", every_s=0.5)
    wait_until(lambda: not messages_in(vhost, queues()), 30, "nothing to be left in a queue", every_s=0.5)
    state = pipeline.state()
    assert Counter(move["file_id"] for move in state["moves"] if move["file_id"] in files) == Counter(files.keys())
    where = {file["id"]: file["folder_id"] for file in state["files"]}
    assert {where[file_id] for file_id in files} == {INCOMING}
    assert {title: len(pipeline.mails_about(title)) for title in files.values()} == dict.fromkeys(files.values(), 1)
    assert not [event for worker in ("classifier", "mover", "notifier") for event in died(pipeline, worker)]
    wait_until(lambda: all(worker.ready() for worker in pipeline.workers.values()), 90, "all to be ready again")


def all_told(pipeline: Pipeline, files: dict[int | str, str]) -> bool:
    subjects = "\n".join(mail["subject"] for mail in pipeline.state()["mails"])
    return all(title in subjects for title in files.values())


def queues() -> list[str]:
    """The work, retry and dead queues."""
    return [queue.name for queue in topology(DELAYS_S).queues]


def died(pipeline: Pipeline, worker: str) -> list[dict[str, Any]]:
    return [event for event in pipeline.settled(worker) if event["outcome"] == "dead"]


def doctor_on_the_portal(pipeline: Pipeline) -> list[str]:
    """What `intake doctor` finds wrong with the portal."""
    environ = pipeline.workers["notifier"].environ | {"WEBHOOK_URL": pipeline.webhook_url}
    found = forks.run((sys.executable, "-m", "console", "doctor", "--json"), environ)
    assert found.returncode == 1, found.stderr
    lines = json.loads(found.stdout)["lines"]
    return [line["text"] for line in lines if line["area"] == "portal" and line["level"] == "failed"]
