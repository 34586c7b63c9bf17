import pytest

from mover.follow import PATIENCE_S, Word, follow
from shared.docspace.errors import BusyError, ForbiddenError, UnreachableError
from shared.docspace.model import Operation

RUNNING = Operation(id="op", finished=False, progress=40)
DONE = Operation(id="op", finished=True, progress=100, files=(5,))


class Portal:
    """Gives these answers in turn, the last one for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = 0

    def operation(self, _operation_id):
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Time:
    """Passes only while something waits."""

    def __init__(self, stops_after=1000):
        self.now = 0.0
        self.waits = []
        self.stops_after = stops_after

    def clock(self):
        return self.now

    def wait(self, seconds):
        self.waits.append(seconds)
        self.now += seconds
        return len(self.waits) > self.stops_after


def followed(*answers, time=None, start=RUNNING):
    time = time or Time()
    return follow(start, Portal(*answers), clock=time.clock, wait=time.wait)


def test_a_move_that_ended_at_once_is_not_asked_about():
    portal = Portal(None)
    assert follow(DONE, portal, clock=Time().clock, wait=Time().wait).word is Word.FINISHED
    assert portal.asked == 0


def test_a_finished_operation_tells_the_ids_it_moved():
    result = followed(RUNNING, DONE)
    assert (result.word, result.files) == (Word.FINISHED, (5,))


def test_the_waits_grow_to_two_seconds_and_end_after_the_patience():
    time = Time()
    result = followed(RUNNING, time=time)
    assert (result.word, result.progress) == (Word.RUNNING, 40)
    assert time.waits[:7] == pytest.approx([0.005, 0.015, 0.045, 0.135, 0.405, 1.215, 2.0])
    assert sum(time.waits) == PATIENCE_S


def test_an_operation_the_portal_does_not_know_is_unknown():
    assert followed(None).word is Word.UNKNOWN


def test_a_question_that_fails_is_asked_again():
    assert followed(UnreachableError("down"), BusyError("429"), DONE).word is Word.FINISHED


def test_a_refused_question_says_nothing_of_the_file_and_is_asked_again():
    assert followed(ForbiddenError("403"), DONE).word is Word.FINISHED


def test_a_portal_that_is_away_leaves_the_last_known_state():
    assert followed(UnreachableError("down")).word is Word.RUNNING


def test_stopping_ends_it_at_once():
    time = Time(stops_after=1)
    assert followed(RUNNING, time=time).word is Word.STOPPING
    assert len(time.waits) == 2
