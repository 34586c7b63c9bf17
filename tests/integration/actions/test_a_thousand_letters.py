"""One action over 1,000 dead letters: counted, stopped midway, killed, resumed; nothing twice, all on record."""

import os
import signal
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from console.actions.ask import Actions, CountChangedError, Plan
from console.actions.run import result_of
from console.actions.site import Site
from console.connect.queues import look
from shared.amqp.operator.survey import Survey
from shared.store.actions.action import State
from shared.store.audit.store import AuditStore, Person, Through
from shared.store.history.queries import Queries
from shared.store.history.step import Outcome
from shared.store.history.tables import Database
from shared.store.history.upload import State as UploadState
from shared.wire.stages import NAMES
from simulator.portal import seed
from tests.support import forks
from tests.support.brokers import Broker, fresh_vhost
from tests.support.history import Projector
from tests.support.pipeline import Pipeline, running_pipeline
from tests.support.waiting import wait_until

MANY = 1_000
ANNA = Person("Anna", Through.WEB)
BEN = Person("Ben", Through.COMMAND_LINE)


def service_user_is(pipeline: Pipeline, role: str) -> None:
    url = f"{pipeline.simulator.url}/simulator/rooms/{seed.CLIENT_ROOM}"
    requests.put(url, json={"service": role}, timeout=10).raise_for_status()


def dead_letters(url: str) -> int:
    with Survey([url]) as survey:
        return sum(stage.dead or 0 for stage in look(survey, (), NAMES).stages)


def resumed(site: Site, action_id: str, environ: dict[str, str]) -> forks.Started:
    """In a process of its own, as a person does it."""
    return forks.start(
        (sys.executable, "-m", "console", "action", "resume", action_id),
        {
            "PATH": os.environ["PATH"],
            "AMQP_URL": site.amqp_urls[0],
            "DATABASE_URL": site.database_url,
            **environ,
        },
        None,
    )


@pytest.mark.timeout(600)
def test_a_thousand_letters_are_tried_again_once_through_a_stop_and_a_kill(
    any_broker: Broker, tmp_path: Path
) -> None:
    with fresh_vhost(any_broker) as url, running_pipeline(url, tmp_path) as pipeline:
        projector = Projector(url, tmp_path)
        pipeline.wait_ready()
        service_user_is(pipeline, "viewer")
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: pipeline.upload(f"Invoice {number:04}.pdf"), range(MANY)))
        wait_until(lambda: dead_letters(url) == MANY, 300, "the dead letters")
        service_user_is(pipeline, "manager")
        site = Site((url,), f"sqlite:///{tmp_path}/ledger.db", (1, 2))
        with Actions(site) as actions:
            _stopped_killed_and_resumed(actions, site)
            _on_record(actions, site, projector)
            _nothing_twice(pipeline, url)
        projector.kill()


def _stopped_killed_and_resumed(actions: Actions, site: Site) -> None:
    plan = actions.prepare("retry", {"reason": "no-right"})
    assert plan.count == MANY
    with pytest.raises(CountChangedError, match="999 were shown, and 1000 fit now"):
        actions.start(Plan("retry", {"reason": "no-right"}, MANY - 1), ANNA)
    action_id = actions.start(plan, ANNA)

    def done() -> int:
        found = actions.state(action_id)
        assert found is not None
        return found.done

    first = resumed(site, action_id, {})
    wait_until(lambda: done() >= MANY // 4, 120, "a quarter")
    assert actions.stop(action_id, BEN)
    assert first.wait(60) == 1
    stopped_at = done()
    assert MANY // 4 <= stopped_at < MANY
    second = resumed(site, action_id, {})
    wait_until(lambda: done() >= (stopped_at + MANY) // 2, 120, "half of the rest")
    second.send_signal(signal.SIGKILL)
    second.wait(60)
    killed_at = done()
    assert stopped_at < killed_at < MANY
    wait_until(lambda: resumed(site, action_id, {}).wait(120) == 0, 200, "the end, once the lease has ended")
    found = actions.state(action_id)
    assert found is not None
    assert (found.state, found.done, found.failed) == (State.DONE, MANY, 0)


def _nothing_twice(pipeline: Pipeline, url: str) -> None:
    wait_until(lambda: all(not stage.waiting for stage in _stages(url)), 60, "the queues to be empty")
    state = requests.get(f"{pipeline.simulator.url}/simulator/state", timeout=60).json()
    moves = Counter(move["file_id"] for move in state["moves"])
    assert (len(moves), set(moves.values())) == (MANY, {1})
    mails = Counter(mail["subject"] for mail in state["mails"])
    assert (len(mails), set(mails.values())) == (MANY, {1})
    assert dead_letters(url) == 0


def _on_record(actions: Actions, site: Site, projector: Projector) -> None:
    (found,) = actions.latest()
    audit = AuditStore(site.database_url)
    entries = [(entry.who, entry.verb, entry.count, entry.result) for entry in audit.latest(99)]
    audit.close()
    assert (
        entries[-1]
        == ("Anna", "retry", MANY, result_of(found))
        == ("Anna", "retry", MANY, "done: 1000 of 1000 done")
    )
    assert ("Ben", "stop", None, "done") in entries
    database = Database(site.database_url)
    queries = Queries(database)
    wait_until(
        lambda: len(queries.latest(state=UploadState.FILED, limit=MANY + 1)) == MANY, 300, f"see {projector.log}"
    )
    for upload in queries.latest(limit=MANY + 1):
        steps = queries.timeline(upload.correlation_id)
        assert [step.by for step in steps if step.outcome is Outcome.REPLAY] == ["Anna (web)"], upload
        assert sum(step.outcome is Outcome.FORWARD for step in steps) == 3, upload
    database.close()


def _stages(url: str):
    with Survey([url]) as survey:
        return look(survey, (), NAMES).stages
