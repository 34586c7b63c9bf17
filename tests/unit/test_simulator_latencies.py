"""How long calls and moves take where they take what they were seen to take."""

import random
import threading
import time

import pytest

from simulator.gate.latencies import Latencies, seen_ms
from simulator.gate.pace import END_S, FIRST_S, NEXT_S, fixed, seen


@pytest.mark.parametrize(
    ("method", "route", "params", "expected"),
    [
        ("GET", "files/file/7", {}, (74, 100)),
        ("GET", "files/folder/7/path", {}, (59, 72)),
        ("GET", "files/fileops", {"id": "x"}, (33, 42)),
        ("GET", "settings", {}, (5, 12)),
        ("PUT", "files/fileops/move", {}, (81, 104)),
        ("GET", "files/7", {"count": "1"}, (84, 101)),
        ("GET", "files/7", {"count": "10"}, (139, 163)),
        ("GET", "files/7", {"count": "25"}, (252, 567)),
        ("GET", "files/7", {"count": "100", "withSubFolders": "true"}, (571, 742)),
        ("GET", "files/7", {"count": "100", "withSubFolders": "true", "filterType": "1"}, (403, 615)),
        ("GET", "files/sbox-12", {"count": "1"}, (84, 101)),
        ("POST", "files/7/upload", {}, (74, 100)),
    ],
)
def test_a_call_takes_what_its_route_was_seen_to_take(method, route, params, expected):
    assert seen_ms(method, route, params) == expected


def test_a_page_between_two_that_were_timed_takes_what_lies_between():
    median, high = seen_ms("GET", "files/7", {"count": "55"})
    assert 252 < median < 571
    assert 567 < high < 742


def test_two_calls_are_worked_on_at_a_time_and_the_wait_is_no_work():
    latencies = Latencies(seen=True, factor=0.5)
    began = time.monotonic()

    def call():
        latencies.leave(latencies.enter("GET", "files/file/7", {}))

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    busy = latencies.as_json()["requests"]
    assert took >= 3 * 0.037  # six of them by twos
    assert 6 * 0.037 <= busy <= 2 * took + 0.05


def test_without_the_setting_nothing_is_slowed():
    latencies = Latencies(seen=False)
    began = time.monotonic()
    for _ in range(100):
        latencies.leave(latencies.enter("GET", "files/file/7", {}))
    assert time.monotonic() - began < 0.5
    latencies.worked(2.0)
    assert latencies.as_json()["operations"] == 2.0


def test_the_files_of_a_move_arrive_one_by_one_before_it_says_it_has_ended():
    chance = random.Random(1)
    for _ in range(100):
        one = seen(1, 1.0, chance)
        assert FIRST_S[0] <= one.items_s[0] <= FIRST_S[1]
        assert END_S[0] <= one.end_s <= END_S[1]
        twenty = seen(20, 1.0, chance)
        steps = [later - earlier for earlier, later in zip(twenty.items_s, twenty.items_s[1:], strict=False)]
        assert steps == pytest.approx([NEXT_S] * 19)
        assert twenty.end_s > twenty.items_s[-1] == twenty.work_s
        assert seen(1, 5.0, chance).items_s[0] >= 5 * FIRST_S[0]


def test_in_a_set_time_the_last_file_is_in_place_before_the_end():
    timeline = fixed(4, 1.0)
    assert timeline.items_s == pytest.approx((0.225, 0.45, 0.675, 0.9))
    assert timeline.end_s == 1.0
    assert fixed(0, 1.0).items_s == ()
