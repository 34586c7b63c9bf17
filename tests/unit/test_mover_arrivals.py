"""Each file of a move is told as soon as it was seen in its place, whatever becomes of the others."""

import contextlib
import threading
import time

from mover.arrivals import Arrivals
from mover.follow import Word
from mover.pace import Pace
from mover.slots import Slots
from shared.docspace.errors import UnreachableError
from shared.docspace.model import FileInfo, Operation

SENT = Operation(id="op-1", finished=False)


class Portal:
    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = 0

    def operation(self, _operation_id):
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def watching(portal, file_ids, look, wait=time.sleep, over=lambda: None):
    slots = Slots(portal, pace := Pace())
    slot = slots.begin(over)
    slot.sent(SENT.id, len(file_ids))

    def waits(seconds):
        return bool(wait(min(seconds, 0.01)))

    return Arrivals(
        SENT, file_ids, look=look, portal=portal, slots=slots, slot=slot, pace=pace,
        clock=Clock(), wait=waits,
    )  # fmt: skip


class Clock:
    """Each look at it is a tenth of a second later."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 0.1
        return self.now


def moving(*done):
    return Operation(id=SENT.id, finished=False, files=done)


ENDED = Operation(id=SENT.id, finished=True)


def seen_of(file_ids):
    return seen(*file_ids)


def seen(*file_ids):
    return {str(number): FileInfo(id=number, title="x", folder_id=9) for number in file_ids}


def test_the_first_of_a_group_is_told_before_the_last_has_come():
    portal = Portal(moving(1))
    watch = watching(portal, [1, 2], seen_of)
    threading.Thread(target=watch.run, daemon=True).start()
    assert watch.arrival(1).file.id == 1
    portal.answers = [moving(1, 2)]
    assert watch.arrival(2).file.id == 2


def test_a_group_is_looked_for_once_the_operation_says_that_half_of_it_is_moved():
    looks = []

    def look(ids):
        looks.append([*ids])
        return seen_of(ids)

    portal = Portal(SENT, moving(1), moving(1, 2), moving(1, 2, 3), moving(1, 2, 3, 4))
    watch = watching(portal, [1, 2, 3, 4], look)
    watch.run()
    assert looks == [[1, 2], [3, 4]]


def test_the_next_move_may_begin_before_an_ended_operations_files_are_seen():
    freed: list[str] = []
    freed_before: list[str] = []

    def look(ids):
        freed_before.extend(freed)
        return seen_of(ids)

    watch = watching(Portal(ENDED), [1, 2], look, over=lambda: freed.append("place"))
    watch.run()
    assert freed_before == ["place"]


def test_a_group_whose_operation_cannot_be_asked_is_looked_for_all_the_same():
    watch = watching(Portal(UnreachableError("cut")), [1, 2], seen_of)
    watch.run()
    assert watch.arrival(2).file.id == 2


def test_a_group_of_which_the_portal_has_no_record_is_looked_for_until_it_is_late():
    looks = []

    def look(ids):
        looks.append(ids)
        return {}

    watch = watching(Portal(None), [1, 2], look)
    watch.run()
    assert watch.arrival(1).followed.word is Word.UNKNOWN
    assert len(looks) > 1


def test_the_end_of_an_operation_that_left_a_file_behind_is_told_with_its_error():
    portal = Portal(SENT, Operation(id="op-1", finished=True, error="Room space quota exceeded"))
    watch = watching(portal, [1, 2], lambda ids: seen(*{2} & {*ids}))
    watch.run()
    assert watch.arrival(2).file.id == 2
    left = watch.arrival(1)
    assert (left.file, left.followed.word, left.followed.error) == (
        None,
        Word.FINISHED,
        "Room space quota exceeded",
    )


def test_an_unknown_operation_ends_the_watch_after_one_more_look():
    looks = []

    def look(ids):
        looks.append(ids)
        return {}

    watch = watching(Portal(None), [1], look)
    watch.run()
    assert watch.arrival(1).followed.word is Word.UNKNOWN
    assert len(looks) > 1


def test_looks_and_questions_that_fail_do_not_end_the_watch():
    fails = iter([UnreachableError("cut")] * 8)

    def look(ids):
        error = next(fails, None)
        if error:
            raise error
        return seen(*ids)

    watch = watching(Portal(UnreachableError("cut")), [1], look)
    watch.run()
    assert watch.arrival(1).file.id == 1


def test_a_worker_that_stops_tells_those_who_wait_at_once():
    watch = watching(Portal(SENT), [1], lambda _: {}, wait=lambda _: True)
    watch.run()
    assert watch.arrival(1).followed.word is Word.STOPPING


def test_a_bug_in_a_look_leaves_nobody_waiting():
    def look(_):
        raise RuntimeError("a bug")

    watch = watching(Portal(SENT), [1], look)
    thread = threading.Thread(target=lambda: _quietly(watch.run), daemon=True)
    thread.start()
    assert watch.arrival(1).file is None


def _quietly(call):
    with contextlib.suppress(RuntimeError):
        call()
