"""The whole way of an invoice with each process as its own user of broker and database, of whom one makes all."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from console.connect.door import Door
from shared.amqp.operator.dead_letters import DeadLetters
from shared.amqp.operator.requests import Requests
from shared.amqp.operator.tap import Tap
from shared.runtime.settle import EXCHANGE
from shared.wire.events import RoomAsked, encode
from shared.wire.message import Message, Publication, derived_id
from shared.wire.stages import NAMES, STAGES
from tests.support.brokers import Broker, fresh_vhost
from tests.support.history import Projector
from tests.support.pipeline import ROOM, WORKERS, Pipeline, running_pipeline
from tests.support.roles import Roles
from tests.support.users import Users
from tests.support.waiting import wait_until

ADVICE = "the topology is missing or older: run `intake topology`"
LADDER: dict[str, Any] = {"RETRY_DELAYS_S": "1", "RETRY_MAX_AGE_S": "1"}
TITLE = "Invoice 22.pdf"


@dataclass
class Stack:
    users: Users
    roles: Roles
    pipeline: Pipeline
    projector: Projector
    before: dict[str, str]
    """What each worker's /readyz said before the topology was made."""
    made: str
    """What `intake topology` printed."""

    def run(self, role: str, *command: str) -> str:
        """What a command of `intake` prints, as this role."""
        settings = self.pipeline.workers["mover"].environ | {"DATABASE_URL": self.roles.url(role)}
        done = self.users.run(role, *command, **settings)
        assert done.exit_code == 0, done.output
        return done.stdout


@pytest.fixture(scope="module")
def stack(broker: Broker, postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An invoice came before the topology was made. It is locked, so the mover gave it up soon after."""
    folder = tmp_path_factory.mktemp("users")
    with ExitStack() as ended:
        url = ended.enter_context(fresh_vhost(broker))
        users = ended.enter_context(Users(broker, url, folder))
        roles = ended.enter_context(Roles(postgres_url, folder))
        pipeline = ended.enter_context(running_pipeline(url, folder, held=WORKERS, **LADDER))
        pipeline.workers["ingress"].start(AMQP_URL=users.url("ingress"))
        for name in NAMES:
            pipeline.workers[name].start(AMQP_URL=users.url(name), DATABASE_URL=roles.url(name))
        for name in WORKERS:
            lacks = lambda name=name: "topology.missing" in pipeline.workers[name].written()  # noqa: E731
            wait_until(lacks, 60, f"{name} to miss the topology")
        before = {name: pipeline.unready(name) for name in WORKERS}
        lock(pipeline, pipeline.upload(TITLE), by="client")
        made = users.run("topology", "topology", **LADDER, DATABASE_URL=roles.url("topology"))
        projector = Projector(users.url("history"), folder, **LADDER, DATABASE_URL=roles.url("history"))
        ended.callback(projector.kill)
        pipeline.wait_ready()
        with DeadLetters([users.url("web")]) as letters:
            wait_until(lambda: list(letters.read("mover")), 60, "the mover to give it up", every_s=0.3)
        yield Stack(users, roles, pipeline, projector, before, made.output)


def lock(pipeline: Pipeline, file_id: int | str, *, by: str | None) -> None:
    state = f"{pipeline.simulator.url}/simulator/files/{file_id}"
    requests.put(state, json={"locked_by": by}, timeout=5).raise_for_status()


def test_without_the_topology_a_worker_is_not_ready_and_says_what_to_do(stack: Stack) -> None:
    ingress, *others = WORKERS
    assert stack.before[ingress] == "", "it spools"
    for name in others:
        assert ADVICE in stack.before[name]


def test_each_connection_says_once_that_the_topology_is_missing(stack: Stack) -> None:
    for name, worker in stack.pipeline.workers.items():
        told = Counter(event["link"] for event in worker.events() if event["event"] == "topology.missing")
        assert set(told.values()) == {1}, name
        assert "broker.lost" not in worker.written(), "the connection stays meanwhile"


def test_an_invoice_is_spooled_given_up_replayed_filed_told_and_recorded(stack: Stack) -> None:
    assert "made exchange docspace" in stack.made
    assert (
        "classifier, mover, notifier, dispatcher, history, reconciler, web, console have their rights" in stack.made
    )
    wait_until(lambda: stack.projector.state_of(TITLE) == "failed", 30, "the history")
    (upload,) = stack.projector.ask("find", TITLE)
    lock(stack.pipeline, upload["file_id"], by=None)
    stack.run("console", "dead", "replay", "--all")
    wait_until(lambda: stack.pipeline.mails_about(TITLE), 30, "the mail")
    wait_until(lambda: stack.projector.state_of(TITLE) == "filed", 30, "the history")
    assert len(stack.pipeline.moves_of(int(upload["file_id"]))) == 1
    told = stack.projector.story_of(TITLE)
    for step in ("retry", "dead", "replay", "forward"):
        assert ("mover", step) in told
    assert ("notifier", "forward") in told


def test_the_reconciler_compares_and_takes_what_a_page_asks(stack: Stack) -> None:
    stack.run("reconciler", "reconcile", "--since", "1d", "--dry-run")
    event = RoomAsked(room_id=ROOM, asked_by="anna, on a page")
    key = event.routing_key
    message = Message(
        body=encode(event), type=key, message_id=derived_id(key), correlation_id=derived_id(key), timestamp=1
    )
    with Door([stack.users.url("web")], (1,), STAGES, "a page") as door:
        door.publish(Publication(exchange=EXCHANGE, routing_key=key, message=message, mandatory=True))
    with Requests([stack.users.url("reconciler")]) as asked:
        assert [message.type for message in asked.taken()] == [key]


def test_a_person_pauses_a_stage_through_the_console_and_the_web_console(stack: Stack) -> None:
    for role in ("console", "web"):
        stack.run(role, "action", "pause", "classifier", "--why", "a trial", "--for", "1h", "--yes")
        stack.run(role, "action", "unpause", "classifier", "--yes")
        assert "resume" in stack.run(role, "audit")


def test_a_person_sees_events_as_they_happen(stack: Stack) -> None:
    with Tap([stack.users.url("console")], "event.#") as tap:
        stack.pipeline.upload("Contract.pdf")
        seen = next(tap.messages(timeout_s=30))
    assert seen.type == "event.skipped"
