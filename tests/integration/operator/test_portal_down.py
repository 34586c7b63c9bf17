"""The whole pipeline, and a portal that is down while 200 invoices come, and two reconcilers."""

import re
from pathlib import Path

import pytest

from console.operator.times import PORTAL
from tests.integration.operator.conftest import Hook, Start
from tests.support.history import Projector
from tests.support.pipeline import Pipeline, running_pipeline
from tests.support.waiting import wait_until

INVOICES = 200
CHECKS = ["broker", "workers", "uploads", "mail", PORTAL]
"""No reconciler runs beside."""
OPERATOR = "operator@example.com"


def to_operator(pipeline: Pipeline) -> list[str]:
    return [mail["subject"] for mail in pipeline.state()["mails"] if OPERATOR in str(mail["to"])]


def queue(pipeline: Pipeline, count: int) -> None:
    for number in range(count):
        pipeline.upload(f"Invoice {number}.pdf", kind="simple")


@pytest.mark.timeout(400)
def test_a_portal_that_is_down_is_one_message_and_its_end_one_with_what_waited(
    any_vhost_url: str, tmp_path: Path, hook: Hook, operate: Start
) -> None:
    with running_pipeline(any_vhost_url, tmp_path) as pipeline:
        projector = Projector(any_vhost_url, tmp_path)
        try:
            pipeline.wait_ready()
            workers = ",".join(f"http://127.0.0.1:{worker.port}" for worker in pipeline.workers.values())
            environ = pipeline.workers["notifier"].environ | {
                "OPERATOR": f"{OPERATOR}, {hook.url}",
                "HEALTH_URLS": workers,
                "MAIL_FROM": "invoices@localhost",
            }
            pipeline.faults({"portal_down": True})
            queue(pipeline, INVOICES)
            wait_until(
                lambda: len(projector.ask("list", "--limit", "1000") or ()) >= INVOICES, 60, "all to be known"
            )
            operators = [operate(environ, catch_up_s=120.0, checks=CHECKS) for _ in range(2)]
            for each in operators:
                wait_until(lambda each=each: "operator.started" in each.written(), 60, "both reconcilers")
            wait_until(lambda: hook.posts and to_operator(pipeline), 60, f"the start: {tmp_path}")
            pipeline.faults(None)
            wait_until(lambda: len(hook.posts) > 1, 150, f"the end: {tmp_path}")
            wait_until(lambda: len(to_operator(pipeline)) > 1, 30, "the end by mail")
            assert [each.stop() for each in operators] == [0, 0]
        finally:
            projector.kill()
        start, end = hook.posts
        assert start["title"].startswith("Problem: ")
        assert end["title"].startswith("Over: ")
        assert f"{INVOICES} invoices waited: all are filed." in end["message"]
        assert re.search(r"It lasted \d+ (s|min)", end["message"])
        subjects = to_operator(pipeline)
        assert [subject.partition(":")[0] for subject in subjects] == ["Problem", "Over"]
