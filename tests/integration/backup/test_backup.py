"""Backed up with work in every place, put into a new broker and database, worked to its end: each invoice once."""

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from typer.testing import CliRunner

from console.__main__ import app
from demo.ports import free_port
from shared.amqp.topology import topology
from shared.runtime.crash_points import CrashPoint
from shared.store.actions.pauses import PauseStore
from shared.store.database import engine_for, url_of
from tests.chaos.mails import named_in
from tests.support.brokers import Broker, fresh_vhost
from tests.support.crashing import last_words
from tests.support.databases import own_database
from tests.support.history import Projector
from tests.support.pipeline import Pipeline, running_pipeline
from tests.support.runtime import messages_in, plain_channel, waiting_in
from tests.support.waiting import wait_until

DELAYS_S = (1, 3600)
DELAYS = "1,3600"
SETTINGS = {"RETRY_DELAYS_S": DELAYS, "MESSAGE_DIGEST": "every 15 minutes"}
TITLES = ("told", "later", "refused", "waiting", "filing", "classifying", "spooled")
"""Invoices, by where each is when the backup is taken."""


@dataclass
class Site:
    pipeline: Pipeline
    folder: Path
    environ: dict[str, str]
    files: dict[str, int | str]

    def intake(self, *command: str) -> tuple[int, str]:
        """The exit code, and what it says."""
        done = CliRunner().invoke(app, command, env=self.environ, catch_exceptions=False)
        return done.exit_code, done.stdout + done.stderr

    def killed(self, point: CrashPoint, nth: int, *command: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.crashing", point, str(nth), "console", *command],
            env=self.environ, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode, last_words(point) in done.stderr) == (-signal.SIGKILL, True), done.stderr

    def upload(self, *names: str) -> None:
        for name in names:
            self.files[name] = self.pipeline.upload(f"Invoice {name}.pdf")

    def portal(self, name: str, **state: object) -> None:
        url = f"{self.pipeline.simulator.url}/simulator/files/{self.files[name]}"
        requests.put(url, json=state, timeout=5).raise_for_status()

    def stop(self, *names: str) -> None:
        assert [self.pipeline.workers[name].stop() for name in names] == [0] * len(names)

    def rows(self, query: str) -> int:
        engine = engine_for(url_of(self.environ["DATABASE_URL"]))
        try:
            with engine.connect() as connection:
                return int(connection.exec_driver_sql(query).scalar_one())
        except sa.exc.DBAPIError:
            return 0  # its table is not there yet
        finally:
            engine.dispose()

    def all_told(self, titles: set[str]) -> bool:
        """The hour of who is told later has come."""
        engine = engine_for(url_of(self.environ["DATABASE_URL"]))
        with engine.connect() as connection:
            connection.exec_driver_sql("UPDATE outbox_windows SET due_at = 0")
        engine.dispose()
        return self.mails().keys() >= titles

    def mails(self) -> Counter[str]:
        return Counter(title for mail in self.pipeline.state()["mails"] for _, title in named_in(mail))


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """One to take the backup of, and one to put it into."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.db", f"sqlite:///{tmp_path}/new/ledger.db"
    server = request.getfixturevalue("postgres_url")
    return own_database(server), own_database(server)


@pytest.fixture
def site(any_vhost_url: str, any_broker: Broker, databases: tuple[str, str], tmp_path: Path) -> Iterator[Site]:
    """With work in the outbox, among the dead letters, in a delay queue, in two work queues and in the spool."""
    (tmp_path / "new").mkdir()
    settings: dict[str, Any] = SETTINGS | {"MANAGEMENT_URL": any_broker.management_url}
    with running_pipeline(any_vhost_url, tmp_path, databases[0], held=["mover"], **settings) as pipeline:
        projector = Projector(any_vhost_url, tmp_path, DATABASE_URL=databases[0], RETRY_DELAYS_S=DELAYS)
        site = Site(pipeline, tmp_path, dict(pipeline.workers["mover"].environ), {})
        try:
            _fill(site, any_vhost_url)
        finally:
            projector.kill()
        yield site


def _fill(site: Site, url: str) -> None:
    workers = site.pipeline.workers
    workers["ingress"].wait_ready()
    site.upload("refused")
    site.portal("refused", denied=True)
    workers["mover"].start()
    site.pipeline.wait_ready()
    site.upload("told")
    wait_until(site.mails, 30, "the first to be told")
    site.upload("later")
    wait_until(lambda: site.rows("SELECT count(*) FROM outbox_items WHERE window_id IS NOT NULL"), 30, "the outbox")
    wait_until(lambda: waiting_in(url, "mover.dead"), 30, "the dead letter")
    site.stop("mover", "notifier")
    site.upload("waiting", "filing")
    wait_until(lambda: waiting_in(url, "mover") == 2, 30, "two to wait for the mover")
    site.stop("classifier")
    site.upload("classifying")
    wait_until(lambda: waiting_in(url, "classifier"), 30, "one to wait for the classifier")
    site.stop("ingress")
    workers["ingress"].start(AMQP_URL=f"amqp://127.0.0.1:{free_port()}/")
    site.upload("spooled")
    wait_until(lambda: "spooled" in _answered(site), 30, "one to be in the spool")
    site.stop("ingress")
    with plain_channel(url) as channel:  # as its mover would have it wait
        method, props, body = channel.basic_get("mover")
        channel.basic_publish("retry.1h", "mover", body, props)
        channel.basic_ack(method.delivery_tag)


def _answered(site: Site) -> set[str]:
    answered = {each["file_id"] for each in site.pipeline.state()["deliveries"] if each["status"] == 200}
    return {name for name, file_id in site.files.items() if file_id in answered}


@pytest.mark.timeout(180)
def test_nothing_is_lost_or_done_twice_after_a_restore_that_was_killed_twice(
    site: Site, any_broker: Broker, databases: tuple[str, str]
) -> None:
    file = site.folder / "backup.tar.gz"
    code, said = site.intake("backup", "--out", str(file), "--json")
    assert code == 0, said
    held = json.loads(said)
    assert held["messages"]["mover.dead"] == held["messages"]["classifier"] == 1
    assert held["messages"]["mover"] == held["messages"]["retry.1h"] == 1
    assert list(held["spools"].values()) == [1]
    assert file.stat().st_mode & 0o777 == 0o600

    with fresh_vhost(any_broker) as url:
        new = {"AMQP_URL": url, "DATABASE_URL": databases[1], "SPOOL_PATH": f"{site.folder}/new/spool.db"}
        site.environ |= new
        for point, nth in ((CrashPoint.RESTORE_FILLED, 1), (CrashPoint.RESTORE_PUBLISHED, 2)):
            site.killed(point, nth, "restore", str(file))
        code, said = site.intake("restore", str(file))
        assert code == 0, said
        code, said = site.intake("restore", str(file))
        assert (code, "not empty" in said, "rows in ledger" in said) == (1, True, True)
        _time_passes(site, url)
        _works_to_its_end(site, url, new)


def _time_passes(site: Site, url: str) -> None:
    """What waits has waited long enough."""
    assert site.mails().keys() == {"Invoice told.pdf"}
    with plain_channel(url) as channel:
        method, props, body = channel.basic_get("retry.1h")
        channel.basic_publish("", method.routing_key, body, props)
        channel.basic_ack(method.delivery_tag)


def _works_to_its_end(site: Site, url: str, new: dict[str, str]) -> None:
    site.portal("refused", denied=False)
    workers = site.pipeline.workers
    for name, worker in workers.items():
        workers[name] = replace(worker, environ=worker.environ | new)
        workers[name].start()
    projector = Projector(url, site.folder / "new", DATABASE_URL=new["DATABASE_URL"], RETRY_DELAYS_S=DELAYS)
    try:
        site.pipeline.wait_ready()
        code, said = site.intake("dead", "replay", "--all")
        assert (code, "Replayed: 1" in said) == (0, True), said
        titles = {f"Invoice {name}.pdf" for name in TITLES}
        wait_until(lambda: site.all_told(titles), 60, "all to be told", every_s=0.5)
        queues = [queue.name for queue in topology(DELAYS_S).queues]
        wait_until(lambda: not messages_in(url, queues), 30, "nothing to be left in a queue", every_s=0.2)
        wait_until(lambda: {projector.state_of(title) for title in titles} == {"filed"}, 30, "the history")
    finally:
        projector.kill()
    assert site.mails() == Counter(titles)
    moves = Counter(move["file_id"] for move in site.pipeline.state()["moves"])
    assert moves == Counter(site.files.values())


@pytest.mark.timeout(180)
def test_no_backup_is_made_while_a_worker_is_at_work_or_only_paused(
    any_vhost_url: str, any_broker: Broker, tmp_path: Path
) -> None:
    file = tmp_path / "backups" / "backup.tar.gz"
    file.parent.mkdir()
    held = ("classifier", "notifier", "ingress")
    settings: dict[str, Any] = SETTINGS | {"MANAGEMENT_URL": any_broker.management_url}
    with running_pipeline(any_vhost_url, tmp_path, held=held, **settings) as pipeline:
        mover, ingress = pipeline.workers["mover"], pipeline.workers["ingress"]
        site = Site(pipeline, tmp_path, dict(mover.environ), {})
        mover.wait_ready()

        def refused(why: str) -> None:
            code, said = site.intake("backup", "--out", str(file))
            assert (code, why in said) == (1, True), said

        refused("still at work: mover")
        with contextlib.closing(PauseStore(mover.environ["DATABASE_URL"])) as pauses:
            pauses.pause("mover", "Anna", "", time.time() + 600)
        wait_until(lambda: "paused by Anna" in pipeline.unready("mover"), 30, "it to take no messages")
        refused("still at work: mover")
        assert mover.stop() == 0
        ingress.start(AMQP_URL=f"amqp://127.0.0.1:{free_port()}/")
        ingress.wait_ready()
        refused("an ingress has")
        assert ingress.stop() == 0
        assert list(file.parent.iterdir()) == []
        code, said = site.intake("backup", "--out", str(file))
        assert (code, file.exists()) == (0, True), said
