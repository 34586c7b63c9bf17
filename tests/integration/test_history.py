"""The history of real uploads: four workers, a broker, a portal, and a projector that is killed midway."""

import itertools
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import requests

from console.history.upkeep import DAY_S
from shared.amqp.operator.stream import batches
from shared.store.history.step import BROKER, Outcome, Step, step_of
from shared.store.history.store import Store
from shared.store.history.tables import Database
from shared.wire.broker_deaths import KILLED
from tests.support import forks
from tests.support.brokers import Broker, fresh_vhost
from tests.support.history import Projector
from tests.support.pipeline import ROOM, Pipeline, running_pipeline
from tests.support.runtime import DELAYS_S, crash_until_buried, event, running_publisher, waiting_in
from tests.support.waiting import wait_until
from tests.support.webhooks import signed_headers


@pytest.fixture
def pipeline(any_broker: Broker, tmp_path: Path) -> Iterator[tuple[Pipeline, Projector]]:
    with fresh_vhost(any_broker) as url, running_pipeline(url, tmp_path) as running:
        projector = Projector(url, tmp_path)
        try:
            running.wait_ready()
            yield running, projector
        finally:
            projector.kill()


FILED = [("ingress", "received"), ("classifier", "forward"), ("mover", "forward"), ("notifier", "forward")]
TWINS = [
    *[("ingress", "received")] * 2,
    *[("classifier", "forward")] * 2,
    *[("mover", "forward"), ("mover", "skip"), ("notifier", "forward")],
]
UNREADABLE = json.dumps({"event": {"id": 4, "trigger": "file.uploaded"}, "payload": {"title": "Invoice 4.pdf"}})


def test_every_fate_is_told_in_full_and_once_though_the_projector_is_killed_midway(
    pipeline: tuple[Pipeline, Projector],
) -> None:
    running, projector = pipeline
    running.upload("Invoice 1.pdf")
    wait_until(lambda: projector.state_of("Invoice 1.pdf") == "filed", timeout_s=40, what="the first to be filed")
    wait_until(partial(running.mails_about, "Invoice 1.pdf"), timeout_s=40, what="its mail")

    running.faults({"smtp_down": True})
    for title in ("Holiday 2.pdf", "Invoice 3.pdf"):
        running.upload(title)
    projector.kill()
    wait_until(
        lambda: any(e["outcome"] == "retry" for e in running.settled("notifier")), timeout_s=40, what="a retry"
    )
    running.faults(None)
    running.upload("Invoice 5.pdf", kind="simple")
    body = UNREADABLE.encode()
    requests.post(running.webhook_url, data=body, headers=signed_headers(body), timeout=10).raise_for_status()
    wait_until(lambda: waiting_in(projector.url, "classifier.dead") == 1, timeout_s=40, what="the dead letter")
    for title in ("Invoice 3.pdf", "Invoice 5.pdf"):
        wait_until(partial(running.mails_about, title), timeout_s=40, what=f"the mail about {title}")

    projector.start()
    wait_until(lambda: len(projector.ask("list", "--state", "failed")) == 1, timeout_s=40, what="the failure")
    wait_until(lambda: projector.state_of("Invoice 3.pdf") == "filed", timeout_s=40, what="the third")
    wait_until(
        lambda: ("mover", "skip") in projector.story_of("Invoice 5.pdf"), timeout_s=40, what="the twin's skip"
    )
    twins = projector.story_of("Invoice 5.pdf")  # one may have waited while the other was moved
    assert sorted(step for step in twins if step != ("mover", "retry")) == sorted(TWINS)
    assert projector.story_of("Invoice 1.pdf") == FILED
    third = projector.story_of("Invoice 3.pdf")
    retries = [e for e in running.settled("notifier") if e["outcome"] == "retry"]
    assert third.count(("notifier", "retry")) == len(retries) >= 1
    assert [step for step in third if step != ("notifier", "retry")] == FILED
    assert projector.story_of("Holiday 2.pdf") == [("ingress", "received"), ("classifier", "skip")]
    assert [projector.state_of(title) for title in ("Holiday 2.pdf", "Invoice 5.pdf")] == ["skipped", "filed"]

    (failed,) = projector.ask("list", "--state", "failed")
    story = projector.ask("timeline", failed["correlation_id"])["steps"]
    assert [(step["stage"], step["outcome"]) for step in story] == [("ingress", "received"), ("classifier", "dead")]
    assert story[-1]["reason"] == failed["reason"]
    assert story[-1]["by"].startswith("classifier@")
    assert len(projector.ask("list", "--state", "filed", "--room", str(ROOM), "--since", "1h")) == 3
    assert len(projector.ask("list")) == 5
    projector.process.send_signal(signal.SIGTERM)
    assert projector.process.wait(20) == 0


def test_what_the_broker_itself_buries_is_a_step_with_its_reason(vhost_url: str) -> None:
    with running_publisher(vhost_url) as publisher:
        reading = batches([vhost_url], DELAYS_S, lambda _: None, lambda: False)
        next(reading)  # now there is a stream
        publisher.publish(event(1), timeout_s=20)
        crash_until_buried(vhost_url, "classifier")
        read = itertools.chain.from_iterable(itertools.takewhile(in_time(30), reading))
        received, died = itertools.islice(map(step_of, read), 2)
        reading.close()
    assert received is not None
    assert died is not None
    assert (died.stage, died.outcome, died.reason, died.by) == ("classifier", Outcome.DEAD, KILLED, BROKER)
    assert (died.correlation_id, died.message_id) == (received.correlation_id, received.message_id)
    assert died.at >= received.at


def in_time(limit_s: float) -> Callable[[object], bool]:
    deadline = time.monotonic() + limit_s
    return lambda _: time.monotonic() < deadline


def test_the_projector_forgets_what_is_older_than_its_setting(any_vhost_url: str, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/ledger.db")
    database.create()
    now = time.time()
    for days in (0.5, 3):
        Store(database).record([old_step(f"{days} days old", now - days * DAY_S)], offset=0)
    database.close()
    projector = Projector(any_vhost_url, tmp_path, HISTORY_KEEP_DAYS="2")
    try:
        wait_until(lambda: len(projector.ask("list")) < 2, timeout_s=40, what="the old one to be forgotten")
        assert [upload["title"] for upload in projector.ask("list")] == ["0.5 days old"]
    finally:
        projector.kill()


def old_step(title: str, at: float) -> Step:
    return Step(
        key=title,
        correlation_id=title,
        at=at,
        stage="ingress",
        outcome=Outcome.RECEIVED,
        type="webhook.file.uploaded",
        message_id=title,
        title=title,
    )


def test_a_rebuild_beside_the_projector_fills_in_what_a_release_left_out(
    pipeline: tuple[Pipeline, Projector], tmp_path: Path
) -> None:
    running, projector = pipeline
    for title in ("Invoice 1.pdf", "Holiday 2.pdf"):
        running.upload(title)
    fates = {"Invoice 1.pdf": "filed", "Holiday 2.pdf": "skipped"}
    for title, state in fates.items():
        wait_until(partial(_is, projector, title, state), timeout_s=60, what=f"{title} to be {state}")
    whole = projector.ask("list")
    database = Database(f"sqlite:///{tmp_path}/ledger.db")
    later = ("room_title", "uploaded_by", "uploaded_at", "destination", "web_url", "recipients", "next_at")
    with database.transaction() as connection:  # as an earlier release would have written it
        nothing = ", ".join(f"{name} = NULL" for name in later)
        connection.exec_driver_sql(f"UPDATE history_steps SET {nothing}")
        connection.exec_driver_sql(f"UPDATE history_uploads SET {nothing}, rule = NULL, searched = NULL")
        connection.exec_driver_sql(
            "INSERT INTO history_uploads (correlation_id, title, title_folded, state, first_at, "
            "last_at) VALUES ('older', 'Invoice 0.pdf', 'invoice 0.pdf', 'filed', 1, 2)"
        )
    database.close()
    rebuilt = forks.run((sys.executable, "-m", "console", "history", "--rebuild"), projector.environ)
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert "steps from" in rebuilt.stdout
    *again, older = projector.ask("list")
    assert again == whole
    assert (older["correlation_id"], older["title"], older["state"]) == ("older", "Invoice 0.pdf", "filed")
    running.upload("Invoice 3.pdf")
    wait_until(partial(_is, projector, "Invoice 3.pdf", "filed"), timeout_s=60, what="the projector to go on")


def _is(projector: Projector, title: str, state: str) -> bool:
    return projector.state_of(title) == state
