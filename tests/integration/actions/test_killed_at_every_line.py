"""An action whose process is killed at each of its lines does nothing twice, and leaves nothing out."""

import contextlib
from collections import Counter

import pytest

from console.actions.ask import Actions
from shared.runtime.crash_points import CrashPoint
from shared.store.actions.action import State
from shared.store.history.queries import Queries
from shared.store.history.step import Outcome
from shared.store.history.tables import Database
from shared.store.history.upload import State as UploadState
from tests.integration.actions.conftest import ANNA, Desk
from tests.integration.actions.test_verbs import service_user_is
from tests.support.waiting import wait_until

LINES = (CrashPoint.ITEM_BEGUN, CrashPoint.LETTER_SENT, CrashPoint.ITEM_DONE, CrashPoint.ITEM_ENDED)
MANY = 10


@pytest.mark.timeout(600)
def test_a_retry_that_is_killed_at_each_of_its_lines_files_and_tells_once(desk: Desk) -> None:
    with contextlib.closing(Database(desk.site.database_url)) as database, Actions(desk.site) as actions:
        queries = Queries(database)

        def all_are(state: UploadState) -> bool:
            return len(queries.latest(state=state, limit=99)) == MANY

        service_user_is(desk, "viewer")
        for number in range(MANY):
            desk.pipeline.upload(f"Invoice {number}.pdf")
        wait_until(lambda: all_are(UploadState.FAILED), 120, "the dead letters")
        service_user_is(desk, "manager")
        action_id = actions.start(actions.prepare("retry", {"stage": "mover"}), ANNA)
        for line in LINES:
            _killed_at(desk, line, action_id)
        _killed_at(desk, CrashPoint.ACTION_TOLD, action_id, time="1")
        last = ("console", "action", "resume", action_id)
        wait_until(lambda: desk.process(*last).wait(60) == 0, 90, "the end")
        found = actions.state(action_id)
        assert found is not None
        assert (found.state, found.done, found.failed) == (State.DONE, MANY, 0)
        assert [entry.result for entry in desk.audit() if entry.id == action_id] == [f"done: {MANY} of {MANY} done"]
        wait_until(lambda: all_are(UploadState.FILED), 120, "all to be filed and told")
        for upload in queries.latest(limit=99):
            steps = queries.timeline(upload.correlation_id)
            assert [step.by for step in steps if step.outcome is Outcome.REPLAY] == ["Anna (web)"]
    state = desk.pipeline.state()
    moves, mails = (Counter(each[name] for each in state[what]) for name, what in NAMED)
    assert (len(moves), set(moves.values())) == (MANY, {1})
    assert (len(mails), set(mails.values())) == (MANY, {1})


NAMED = (("file_id", "moves"), ("subject", "mails"))


def _killed_at(desk: Desk, line: CrashPoint, action_id: str, time: str = "2") -> None:
    """At the first or second time that it comes there, once the lease of the one before has ended."""
    command = ("tests.support.crashing", line, time, "console", "action", "resume", action_id)
    wait_until(lambda: desk.process(*command).wait(60) == -9, 90, f"a death at {line}")
