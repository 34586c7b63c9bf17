"""At most three of our operations are on the portal's record, and each one's end is read or outlived."""

import threading

import pytest

from mover import records as records_module
from mover.pace import Pace
from mover.records import AT_ONCE, CrowdedError, Records
from shared.docspace.errors import UnreachableError
from shared.docspace.model import Operation
from tests.support.waiting import wait_until


class Portal:
    """Tells of each operation what stands in `answers`, the last for ever."""

    def __init__(self, *answers):
        self.answers = list(answers) or [True]
        self.asked: list[str] = []

    def operation(self, operation_id):
        self.asked.append(operation_id)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return None if answer is None else Operation(id=operation_id, finished=answer)


def nothing():
    pass


def fill(records):
    """Every place taken."""
    taken = [records.begin(nothing) for _ in range(AT_ONCE)]
    for number, record in enumerate(taken):
        record.sent(f"op-{number}", 1)
    return taken


def test_a_fourth_operation_waits_until_an_end_was_read():
    records = Records(Portal(True), Pace())
    first, *_ = fill(records)
    begun = threading.Event()
    threading.Thread(target=lambda: (records.begin(nothing), begun.set()), daemon=True).start()
    assert not begun.wait(0.1)
    records.read_later(first)
    assert begun.wait(5)


@pytest.mark.parametrize(("movers", "places"), [(1, 3), (2, 1), (3, 1), (12, 1)])
def test_several_movers_share_the_places_and_each_has_one(monkeypatch, movers, places):
    monkeypatch.setattr(records_module, "WAIT_S", 0.05)
    records = Records(Portal(), Pace())
    records.share_among(movers)
    for _ in range(places):
        records.begin(nothing)
    with pytest.raises(CrowdedError):
        records.begin(nothing)


def test_who_waits_in_vain_goes_back_to_the_queue_untried(monkeypatch):
    monkeypatch.setattr(records_module, "WAIT_S", 0.05)
    records = Records(Portal(), Pace())
    fill(records)
    with pytest.raises(CrowdedError) as caught:
        records.begin(nothing)
    assert caught.value.untried


@pytest.mark.parametrize("answers", [(False, False, True), (UnreachableError("cut"), True), (None,), (False, None)])
def test_an_end_is_asked_for_until_it_was_read_or_is_gone(answers):
    portal, over = Portal(*answers), threading.Event()
    records = Records(portal, Pace())
    record = records.begin(over.set)
    record.sent("op-1", 1)
    records.read_later(record)
    assert over.wait(5)
    assert portal.asked == ["op-1"] * len(answers)


def test_an_operation_that_never_ends_counts_until_the_portal_has_swept_it_away(monkeypatch):
    monkeypatch.setattr(records_module, "SWEPT_S", 0.3)
    portal, over = Portal(False), threading.Event()
    records = Records(portal, Pace())
    record = records.begin(over.set)
    record.sent("op-1", 1)
    records.read_later(record)
    assert over.wait(5)


def test_an_operation_that_its_sender_follows_is_not_read_by_others_but_freed(monkeypatch):
    monkeypatch.setattr(records_module, "SWEPT_S", 0.2)
    portal, over = Portal(True), threading.Event()
    records = Records(portal, Pace())
    record = records.begin(over.set)
    record.sent("op-1", 1)
    records.free_later(record)
    assert over.wait(5)
    assert portal.asked == []


def test_a_place_is_freed_once_however_often_its_end_is_told():
    records = Records(Portal(), Pace())
    record = records.begin(nothing)
    record.end()
    record.end()
    record.forget()
    assert records._taken == 0


def test_a_fault_of_the_reader_costs_one_end_and_not_those_after_it():
    over = [threading.Event(), threading.Event()]
    portal = Portal(RuntimeError("a bug"), True)
    records = Records(portal, Pace())
    for number, event in enumerate(over):
        record = records.begin(event.set)
        record.sent(f"op-{number}", 1)
        records.read_later(record)
    for event in over:
        assert event.wait(5)
    wait_until(lambda: len(portal.asked) == 2, 5, "both to be read")
