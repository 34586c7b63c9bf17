"""A chat is told at the pace that its service takes: threads take turns; who would wait too long comes later."""

import threading
import time
from collections.abc import Iterator

import pytest

from shared.chat import pace as paces
from shared.chat.apprise import chat
from shared.chat.pace import EVERY_S, NotItsTurnError
from shared.text.announcement import Announcement
from tests.support.notices import Hook

# As in test_notifier_channels.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

SAID = Announcement("Acme Ltd: Invoice.pdf", "Invoice.pdf", "")
EACH_S, CLOCK_S = 0.3, 0.02


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as server:
        yield server


def test_a_burst_from_many_threads_is_spread_over_all_rules_of_one_address(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(EVERY_S, "jsons", EACH_S)
    url = f"json://127.0.0.1:{hook.server_port}/spread"
    chat(url)  # Apprise is loaded, which takes longer than all that follows
    at: list[float] = []

    def tell() -> None:
        chat(url).send(SAID)  # as two rules with one address have it
        at.append(time.monotonic())

    threads = [threading.Thread(target=tell) for _ in range(5)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hook.received) == len(at) == 5
    assert max(at) - began >= 4 * EACH_S - CLOCK_S


def test_who_would_wait_too_long_is_not_sent_and_told_when_to_come_again(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(EVERY_S, "jsons", 60.0)
    place = chat(f"json://127.0.0.1:{hook.server_port}/late")
    place.send(SAID)
    with pytest.raises(NotItsTurnError) as refused:
        place.send(SAID)
    assert refused.value.untried
    assert paces.MOST_WAIT_S < (refused.value.retry_after_s or 0.0) <= 60.0
    assert len(hook.received) == 1


def test_a_web_address_of_ones_own_is_told_as_fast_as_it_takes(hook: Hook) -> None:
    place = chat(f"json://127.0.0.1:{hook.server_port}/own")
    began = time.monotonic()
    for _ in range(5):
        place.send(SAID)
    assert (len(hook.received), time.monotonic() - began < 5) == (5, True)
