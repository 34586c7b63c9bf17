"""The webhook's secret is changed while events come: over 20 seeds no event is refused, and none is lost."""

from collections.abc import Iterator

import pytest

from console.webhook.proof import Proof
from tests.contract.rotation.place import NEW, OLD, Place
from tests.support.waiting import wait_until

CALLS = 12
"""As often a person calls the command again who is told to."""


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    place = Place.made(request.param)
    place.burst(1)
    wait_until(lambda: not place.unsettled(), 30, "the first events", every_s=0.01)
    yield place
    place.close()


def seeds(first: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("place", range(first, first + 5), indirect=True)


def changed(place: Place) -> list[Proof]:
    """What each call came to, until it is proven; afterwards some more events, and all are accepted."""
    place.ingress.use(OLD, NEW)
    calls: list[Proof] = []
    while len(calls) < CALLS and calls[-1:] != [Proof.PROVEN]:
        calls.append(place.change_secret())
    place.burst(2)
    place.stop_uploading()
    wait_until(lambda: not place.unsettled(), 30, "every event to be accepted", every_s=0.02)
    assert place.ingress.statuses["401"] == 0
    return calls


@seeds(0)
def test_under_a_slow_ingress(place: Place) -> None:
    place.slow()
    place.start_uploading(0.4)
    place.burst(2)
    assert changed(place)[-1] is Proof.PROVEN


@seeds(5)
def test_under_an_ingress_that_fails_at_first(place: Place) -> None:
    place.failing()
    place.start_uploading(0.4)
    place.burst(2)
    assert changed(place)[-1] is Proof.PROVEN


@seeds(10)
def test_while_another_webhook_of_the_portal_holds_ours_up(place: Place) -> None:
    place.slow()
    place.held_up()
    assert changed(place)[-1] is Proof.PROVEN


@seeds(15)
def test_without_a_readable_log_nothing_is_proven_and_both_secrets_stay(place: Place) -> None:
    place.slow()
    place.without_log()
    place.start_uploading(0.1)
    assert set(changed(place)) == {Proof.NOT_READABLE}
