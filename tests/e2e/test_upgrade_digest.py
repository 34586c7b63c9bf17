"""A notifier of the released version, beside one of this, takes a message about several invoices that it cannot
read: who waits for that is told all the same, and once.
"""

import signal
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from demo.ports import free_port
from shared.runtime.crash_points import CrashPoint
from shared.store.outbox.sending import AGAIN_S
from tests.chaos.mails import named_in
from tests.e2e.test_upgrade import released
from tests.support.pipeline import running_pipeline
from tests.support.runtime import must_take, waiting_in
from tests.support.waiting import wait_until

__all__ = ["released"]
TITLES = [f"Invoice {number}.pdf" for number in range(3)]


@pytest.mark.timeout(240)
def test_what_an_older_notifier_cannot_read_is_told_by_a_newer(
    any_vhost_url: str, released: Path, tmp_path: Path
) -> None:
    with running_pipeline(any_vhost_url, tmp_path, MESSAGE_DIGEST="every 5 seconds", held=["notifier"]) as pipeline:
        new = pipeline.workers["notifier"]
        port = free_port()
        environ = new.environ | {"HEALTH_PORT": str(port)}
        old = replace(new, environ=environ, log=tmp_path / "old.log", port=port, cwd=released)
        pipeline.workers["old notifier"] = old
        for name in ("ingress", "classifier", "mover"):
            pipeline.workers[name].wait_ready()
        for title in TITLES:
            pipeline.upload(title)
        wait_until(lambda: waiting_in(any_vhost_url, "notifier") == len(TITLES), 60, "all to be filed")
        new.start(crash_at=CrashPoint.OUTBOX_PUBLISHED)
        assert new.wait(60) == -signal.SIGKILL
        assert len(pipeline.state()["mails"]) == 1

        old.start()
        old.wait_ready()
        wait_until(lambda: waiting_in(any_vhost_url, "notifier.dead") == 1, 60, "the older one to give it up")
        assert old.stop() == 0
        assert len(pipeline.state()["mails"]) == 1

        with sqlite3.connect(tmp_path / "ledger.db") as ledger:  # as if it had been published long ago
            ledger.execute("UPDATE outbox_windows SET published_at = due_at - ?, offered_until = NULL", [AGAIN_S])
        new.start()
        wait_until(lambda: len(pipeline.state()["mails"]) == 2, 60, "the others to be told")
        told = [title for mail in pipeline.state()["mails"] for _, title in named_in(mail)]
        assert sorted(told) == TITLES
        dead, headers = must_take(any_vhost_url, "notifier.dead")
        assert (dead.type, headers["stage"]) == ("digest.due", "notifier")
