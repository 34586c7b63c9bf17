"""Real movers and a notifier while PostgreSQL fails over behind its address, and behind a real PgBouncer."""

from collections import Counter
from pathlib import Path

import psycopg
import pytest

from tests.conftest import NO_DATABASE
from tests.contract.test_pooler import NO_POOLER
from tests.support.databases import find_postgres
from tests.support.failover import primary_and_standby
from tests.support.pgbouncer import find_pgbouncer, running_pgbouncer
from tests.support.pipeline import INCOMING, Pipeline, running_pipeline
from tests.support.waiting import wait_until

DATABASE_WORKERS = ("mover", "notifier")


def all_are_filed_and_announced_once(pipeline: Pipeline, titles: list[str]) -> None:
    def mailed() -> bool:
        subjects = " ".join(mail["subject"] for mail in pipeline.state()["mails"])
        return all(title in subjects for title in titles)

    wait_until(mailed, 90, "a mail about each", every_s=0.3)
    state = pipeline.state()
    where = {file["title"]: (file["id"], file["folder_id"]) for file in state["files"]}
    moved = [move["file_id"] for move in state["moves"]]
    for title in titles:
        file_id, folder = where[title]
        assert (folder, moved.count(file_id)) == (INCOMING, 1), title
        assert len(pipeline.mails_about(title)) == 1, title


def kept(url: str) -> dict[str, int]:
    """What the ledger holds as done, by kind."""
    with psycopg.connect(url, prepare_threshold=None) as connection:
        rows = connection.execute("SELECT split_part(key, ':', 1) FROM ledger WHERE result IS NOT NULL").fetchall()
    return Counter(kind for (kind,) in rows)


@pytest.mark.timeout(300)
def test_a_failover_loses_and_doubles_nothing_and_the_workers_are_ready_again(
    any_vhost_url: str, tmp_path: Path
) -> None:
    programs = find_postgres()
    if programs is None:
        pytest.fail(NO_DATABASE)
    with primary_and_standby(programs) as pair, running_pipeline(any_vhost_url, tmp_path, pair.url) as pipeline:
        pipeline.wait_ready()
        titles = [f"Invoice {number:02}.pdf" for number in range(30)]
        for title in titles[:10]:
            pipeline.upload(title)
        wait_until(lambda: pipeline.state()["moves"], 60, "the first move")
        pair.demote()
        for title in titles[10:20]:
            pipeline.upload(title)
        for worker in DATABASE_WORKERS:
            wait_until(
                lambda w=worker: "read-only" in pipeline.unready(w), 30, f"{worker} to say why it is not ready"
            )
        pair.promote()
        for worker in DATABASE_WORKERS:
            pipeline.workers[worker].wait_ready()
        for title in titles[20:25]:
            pipeline.upload(title)
        with psycopg.connect(pair.standby.url, autocommit=True) as admin:
            others = "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            admin.execute(f"SELECT pg_terminate_backend(pid) {others}")
        pair.standby.kill()
        for title in titles[25:]:
            pipeline.upload(title)
        pair.standby.start()
        all_are_filed_and_announced_once(pipeline, titles)
        pipeline.wait_ready()
        assert kept(pair.standby.url) == dict.fromkeys(("move", "announce", "title"), len(titles))


@pytest.mark.timeout(300)
def test_workers_behind_pgbouncer_file_and_announce_each_invoice_once(
    any_vhost_url: str, postgres_url: str, tmp_path: Path
) -> None:
    program = find_pgbouncer()
    if program is None:
        pytest.fail(NO_POOLER)
    with (
        running_pgbouncer(program, postgres_url, "transaction") as url,
        running_pipeline(any_vhost_url, tmp_path, url) as pipeline,
    ):
        pipeline.start_another("mover")
        pipeline.wait_ready()
        titles = [f"Invoice {number:02}.pdf" for number in range(30)]
        for title in titles:
            pipeline.upload(title)
        all_are_filed_and_announced_once(pipeline, titles)
        pipeline.wait_ready()
        reasons = [event["reason"] for name in pipeline.workers for event in pipeline.settled(name)]
        assert not [reason for reason in reasons if reason and "the ledger cannot be reached" in reason]
        assert pipeline.settled("mover")
        assert pipeline.settled("mover-2")
        assert kept(url) == dict.fromkeys(("move", "announce", "title"), len(titles))
