"""Doctor says who is not told though that was due, on both databases."""

import time
from collections.abc import Iterator

import pytest

from console.doctor.line import Level
from console.doctor.outbox import LATE_S, check
from console.problems.judge import judge
from shared.store.outbox.joining import When
from tests.support.outbox import ANNA, BEN, LATER, Desk


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    found = Desk(database_url)
    yield found
    found.close()


def test_what_is_due_for_a_quarter_of_an_hour_is_a_problem_and_ends_once_it_is_sent(desk):
    desk.join("one", BEN, LATER)
    desk.join("two", ANNA, When(lambda now, _: now - LATE_S + 60))
    assert [line.level for line in check(desk.url)] == [Level.OK]
    (line,) = check(desk.url, lambda: time.time() + 61)
    assert line.level is Level.WARNING
    assert (line.count, line.example, line.stage) == (1, ANNA.name, "notifier")
    assert line.text == "1 recipient or channel is not told, over 15 minutes after that was due"
    assert [problem.cause for problem in judge([line]).problems] == ["outbox:late"]
    (waiting, _) = desk.people.waiting(10)
    desk.sending.shut(waiting.id)
    desk.sending.sent(waiting.id)
    assert [line.level for line in check(desk.url, lambda: time.time() + 61)] == [Level.OK]


def test_where_the_database_is_away_it_says_that_it_does_not_know(tmp_path):
    (tmp_path / "file").touch()
    (line,) = check(f"sqlite:///{tmp_path}/file/ledger.db")
    assert line.unseen
