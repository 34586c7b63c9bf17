"""What is said of every mail shows in `/readyz` until it is known to have passed, and no longer."""

from shared.smtp.errors import NoMailNowError
from shared.smtp.health import AGAIN_S, MailHealth, watch

UNREACHABLE = NoMailNowError("no server", connecting_tells=True)
LIMIT = NoMailNowError("550 5.4.5 daily limit")


def test_what_is_said_of_every_mail_stands_until_a_mail_is_taken():
    health = MailHealth()
    assert health.check() is None
    health.failed(LIMIT)
    health.connected()
    assert health.check() == "550 5.4.5 daily limit"
    health.taken()
    assert health.check() is None


def test_a_server_that_was_away_is_back_once_it_can_be_reached():
    health = MailHealth()
    health.failed(UNREACHABLE)
    assert health.check() == "no server"
    health.connected()
    assert health.check() is None


def looks(answers: list[NoMailNowError | None], health: MailHealth, turns: int) -> list[float]:
    """Watch for so many waits; how long each was."""
    waits: list[float] = []

    def check() -> str | None:
        fault = answers.pop(0)
        if fault is None:
            health.connected()
        else:
            health.failed(fault)
        return health.check()

    def stopped(seconds: float) -> bool:
        waits.append(seconds)
        return len(waits) > turns

    watch(health, check, stopped)
    return waits


def test_a_server_that_is_away_is_looked_for_less_and_less_often_until_it_is_back():
    health = MailHealth()
    answers = [UNREACHABLE] * 7 + [None]
    waits = looks(answers, health, turns=9)
    assert answers == []
    assert health.check() is None
    first_s, longest_s = AGAIN_S
    assert waits[0] == first_s
    assert max(waits) == longest_s
    assert waits[-1] == first_s


def test_nobody_connects_to_ask_whether_a_limit_has_passed():
    health = MailHealth()
    answers: list[NoMailNowError | None] = [None]
    health.failed(LIMIT)
    looks(answers, health, turns=5)
    assert health.check() == "550 5.4.5 daily limit"
