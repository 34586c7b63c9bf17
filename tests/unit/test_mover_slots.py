"""At most three of our operations are on the portal's record, and each one's end is read or outlived."""

import threading

import pytest

from mover import slots as slots_module
from mover.pace import Pace
from mover.slots import AT_ONCE, CrowdedError, Slots
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


def fill(slots):
    """Every place taken."""
    taken = [slots.begin(nothing) for _ in range(AT_ONCE)]
    for number, slot in enumerate(taken):
        slot.sent(f"op-{number}", 1)
    return taken


def test_a_fourth_operation_waits_until_an_end_was_read():
    slots = Slots(Portal(True), Pace())
    first, *_ = fill(slots)
    begun = threading.Event()

    def fourth():
        slots.begin(nothing)
        begun.set()

    threading.Thread(target=fourth, daemon=True).start()
    assert not begun.wait(0.1)
    slots.read_later(first)
    assert begun.wait(5)


@pytest.mark.parametrize(("movers", "places"), [(1, 3), (2, 1), (3, 1), (12, 1)])
def test_several_movers_share_the_places_and_each_has_one(monkeypatch, movers, places):
    monkeypatch.setattr(slots_module, "WAIT_S", 0.05)
    slots = Slots(Portal(), Pace())
    slots.share_among(movers)
    for _ in range(places):
        slots.begin(nothing)
    with pytest.raises(CrowdedError):
        slots.begin(nothing)


def test_who_waits_in_vain_goes_back_to_the_queue_untried(monkeypatch):
    monkeypatch.setattr(slots_module, "WAIT_S", 0.05)
    slots = Slots(Portal(), Pace())
    fill(slots)
    with pytest.raises(CrowdedError) as caught:
        slots.begin(nothing)
    assert caught.value.untried


@pytest.mark.parametrize("answers", [(False, False, True), (UnreachableError("cut"), True), (None,), (False, None)])
def test_an_end_is_asked_for_until_it_was_read_or_is_gone(answers):
    portal, over = Portal(*answers), threading.Event()
    slots = Slots(portal, Pace())
    slot = slots.begin(over.set)
    slot.sent("op-1", 1)
    slots.read_later(slot)
    assert over.wait(5)
    assert portal.asked == ["op-1"] * len(answers)


def test_an_operation_that_never_ends_counts_until_the_portal_has_swept_it_away(monkeypatch):
    monkeypatch.setattr(slots_module, "SWEPT_S", 0.3)
    portal, over = Portal(False), threading.Event()
    slots = Slots(portal, Pace())
    slot = slots.begin(over.set)
    slot.sent("op-1", 1)
    slots.read_later(slot)
    assert over.wait(5)


def test_an_operation_that_its_sender_follows_is_not_read_by_others_but_freed(monkeypatch):
    monkeypatch.setattr(slots_module, "SWEPT_S", 0.2)
    portal, over = Portal(True), threading.Event()
    slots = Slots(portal, Pace())
    slot = slots.begin(over.set)
    slot.sent("op-1", 1)
    slots.free_later(slot)
    assert over.wait(5)
    assert portal.asked == []


def test_a_place_is_freed_once_however_often_its_end_is_told():
    slots = Slots(Portal(), Pace())
    slot = slots.begin(nothing)
    slot.end()
    slot.end()
    slot.forget()
    assert slots._taken == 0


def test_a_fault_of_the_reader_costs_one_end_and_not_those_after_it():
    over = [threading.Event(), threading.Event()]
    portal = Portal(RuntimeError("a bug"), True)
    slots = Slots(portal, Pace())
    for number, event in enumerate(over):
        slot = slots.begin(event.set)
        slot.sent(f"op-{number}", 1)
        slots.read_later(slot)
    for event in over:
        assert event.wait(5)
    wait_until(lambda: len(portal.asked) == 2, 5, "both to be read")
