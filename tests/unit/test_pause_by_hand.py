"""A worker whose stage a person paused takes nothing until the end, and goes on once nobody wants it stopped."""

from collections.abc import Callable

from shared.errors import OutdatedError, TransientError
from shared.runtime.by_hand import ByHand, Pause
from shared.runtime.intake import Intake
from shared.text.codes import Code
from shared.wire.message import Message
from shared.wire.outcome import Dead, Retry

MESSAGE = Message(body=b"{}", type="invoice.detected", message_id="m", correlation_id="c", timestamp=0)
PAUSE = Pause("mover", "Anna", "the folder is renamed", 0.0, 1_000.0)


class Switch:
    """What a consumer does."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def pause(self) -> None:
        self.calls.append("pause")

    def resume(self) -> None:
        self.calls.append("resume")


class Asked:
    """What the database says, and a clock."""

    def __init__(self) -> None:
        self.answer: Pause | Exception | None = None
        self.now = 0.0

    def look(self) -> Pause | None:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def by_hand(self) -> ByHand:
        return ByHand(self.look, lambda: self.now)


def nothing() -> None:
    pass


def looked(by_hand: ByHand, pause: Callable[[], None] = nothing, resume: Callable[[], None] = nothing) -> ByHand:
    by_hand.look(pause, resume)
    return by_hand


def test_a_message_in_hand_goes_back_and_does_not_age() -> None:
    asked = Asked()
    by_hand = asked.by_hand()
    handler = by_hand.unless_open(lambda _: Dead("tried", Code.UNREADABLE))
    assert handler(MESSAGE) == Dead("tried", Code.UNREADABLE)
    asked.answer = PAUSE
    looked(by_hand)
    told = "paused by Anna until 1970-01-01 00:16 UTC: the folder is renamed"
    assert handler(MESSAGE) == Retry(told, Code.PAUSED, untried=True, ages=False)
    assert by_hand.check() == told


def test_a_pause_ends_in_time_though_the_database_is_away() -> None:
    asked = Asked()
    asked.answer = PAUSE
    by_hand, switch = asked.by_hand(), Switch()
    looked(by_hand, switch.pause, switch.resume)
    asked.answer = TransientError("the database is away")
    asked.now = 999.0
    looked(by_hand, switch.pause, switch.resume)
    asked.now = 1_000.0
    assert not by_hand.open
    looked(by_hand, switch.pause, switch.resume)
    assert switch.calls == ["pause", "pause", "resume"]


def test_an_intake_goes_on_once_nobody_wants_it_stopped() -> None:
    switch = Switch()
    intake = Intake(switch.pause, switch.resume)
    intake.stop("breaker")
    intake.stop("a person")
    intake.stop("a person")
    intake.go_on("breaker")
    intake.go_on("breaker")
    assert switch.calls == ["pause"]
    intake.go_on("a person")
    assert switch.calls == ["pause", "resume"]
    intake.go_on("nobody")
    assert switch.calls == ["pause", "resume"]


def test_a_worker_that_is_too_old_for_its_database_takes_nothing_until_it_is_not() -> None:
    asked, switch = Asked(), Switch()
    asked.answer = OutdatedError("upgrade the program")
    by_hand = looked(asked.by_hand(), switch.pause, switch.resume)
    assert (by_hand.check(), by_hand.open, switch.calls) == ("upgrade the program", True, ["pause"])
    handler = by_hand.unless_open(lambda _: Dead("tried", Code.UNREADABLE))
    assert handler(MESSAGE) == Retry("upgrade the program", Code.PAUSED, untried=True, ages=False)
    asked.answer = TransientError("the database is away")
    assert looked(by_hand, switch.pause, switch.resume).open
    asked.answer = None
    assert not looked(by_hand, switch.pause, switch.resume).open
    assert switch.calls == ["pause", "pause", "resume"]
