"""A dispatcher killed at each of its crash points, and started again: each event is delivered, and once."""

import signal
import sqlite3

import pytest

from shared.runtime.crash_points import CrashPoint as At
from tests.integration.dispatcher.desk import Desk
from tests.support.crashing import last_words
from tests.support.receiver import Receiver, Reply, Request
from tests.support.runtime import messages_in
from tests.support.waiting import wait_until

POINTS = [point for point in At if point.startswith("hook.")] + [
    At.MESSAGE_TAKEN,
    At.MESSAGE_HANDLED,
    At.FACT_CONFIRMED,
    At.MESSAGE_ACKED,
]


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_loses_no_delivery_and_doubles_none(
    desk: Desk, receiver: Receiver, any_vhost_url: str, point: At
) -> None:
    accepted: list[str] = []
    refusals = [1] if point is At.HOOK_REFUSED else []

    def answer(request: Request) -> Reply:
        if refusals:
            refusals.pop()
            return Reply(500)
        accepted.append(request.id)
        return Reply()

    receiver.answer = answer
    desk.worker.start(
        RULES_FILE=str(desk.rules(desk.table("erp", receiver))), crash_at=point, WORKER_CONCURRENCY="1"
    )
    wait_until(desk.worker.ready, 30, "the dispatcher")
    sent = [desk.file(number) for number in range(3)]
    assert desk.worker.wait(30) == -signal.SIGKILL
    assert last_words(point) in desk.worker.log.read_text().splitlines()
    with sqlite3.connect(desk.folder / "ledger.db", timeout=10) as ledger:  # as if it had been dead for minutes
        ledger.execute("UPDATE ledger SET leased_until = leased_until - 180 WHERE result IS NULL")
    ledger.close()
    desk.start(desk.table("erp", receiver))
    queues = ["dispatcher.erp", "retry.1s", "retry.2s"]
    wait_until(lambda: set(accepted) == set(sent) and not messages_in(any_vhost_url, queues), 30, "all")
    doubled = [id_ for id_ in set(accepted) if accepted.count(id_) > 1]
    assert bool(doubled) == (point is At.HOOK_ACCEPTED), accepted
    assert messages_in(any_vhost_url, ["dispatcher.erp.dead"]) == {}
