"""An action whose process is killed at each of its lines does nothing twice, and leaves nothing out."""

from collections import Counter

from console.actions.ask import Actions
from shared.runtime.crash_points import CrashPoint
from shared.store.actions.action import State
from tests.integration.actions.conftest import ANNA, Desk
from tests.integration.actions.test_verbs import service_user_is
from tests.support.waiting import wait_until

LINES = (CrashPoint.ITEM_BEGUN, CrashPoint.LETTER_SENT, CrashPoint.ITEM_DONE, CrashPoint.ITEM_ENDED)
TITLES = [f"Invoice {number}.pdf" for number in range(12)]


def test_a_retry_that_is_killed_at_each_of_its_lines_files_and_tells_once(desk: Desk) -> None:
    service_user_is(desk, "viewer")
    for title in TITLES:
        desk.pipeline.upload(title)
    for title in TITLES:
        desk.is_so(title, "failed")
    service_user_is(desk, "manager")
    with Actions(desk.site) as actions:
        action_id = actions.start(actions.prepare("retry", {"stage": "mover"}), ANNA)
        for line in LINES:
            _killed_at(desk, line, action_id)
        last = ("console", "action", "resume", action_id)
        wait_until(lambda: desk.process(*last).wait(60) == 0, 90, "the end")
        found = actions.state(action_id)
    assert found is not None
    assert (found.state, found.done, found.failed) == (State.DONE, len(TITLES), 0)
    for title in TITLES:
        desk.is_so(title, "filed")
        assert desk.projector.story_of(title).count(("mover", "replay")) == 1
        assert len(desk.pipeline.mails_about(title)) == 1
    assert set(Counter(move["file_id"] for move in desk.pipeline.state()["moves"]).values()) == {1}


def _killed_at(desk: Desk, line: CrashPoint, action_id: str) -> None:
    """The second time that it comes there, once the lease of the one before has ended."""
    command = ("tests.support.crashing", line, "2", "console", "action", "resume", action_id)
    wait_until(lambda: desk.process(*command).wait(60) == -9, 90, f"a death at {line}")
