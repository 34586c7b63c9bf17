"""The cloud's rate limits over HTTP."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from simulator.gate.limits import READS_AT_ONCE, WRITES_AT_ONCE
from simulator.portal import seed
from simulator.server import Simulator
from simulator.settings import Settings
from tests.contract.simulator_quirks.portal import Portal, until

LATENCY_S = 2
"""Long enough for all of them to be there at once."""


@pytest.fixture
def portal():
    simulator = Simulator(Settings(port=0, smtp_port=0, webhook_url="", latency_ms=LATENCY_S * 1000, limits=1))
    simulator.start()
    yield Portal(simulator)
    simulator.stop()


@pytest.mark.parametrize(
    ("method", "path", "most"),
    [("GET", "people/@self", READS_AT_ONCE), ("PUT", "files/fileops/terminate", WRITES_AT_ONCE)],
)
def test_one_call_too_many_at_once_is_refused_at_once_and_no_window_is_told(portal, method, path, most):
    with ThreadPoolExecutor(most + 3) as pool:
        answers = list(pool.map(lambda _: portal.call(method, path), range(most + 3)))
    refused = [answer for answer in answers if answer.status_code == 429]
    kind = "reads" if method == "GET" else "writes"
    assert len(refused) == portal.state()["calls"][kind]["refused"] == 3
    for answer in refused:
        assert answer.elapsed.total_seconds() < LATENCY_S
        headers = Counter(name.lower() for name in answer.headers if "limit" in name.lower())
        assert headers == {"x-ratelimit-limit": 1, "x-ratelimit-remaining": 1}
        assert answer.headers["X-Ratelimit-Limit"] == str(most)
    assert portal.call(method, path).status_code != 429


def test_the_days_limit_alone_tells_when_it_ends_and_reads_go_on():
    simulator = Simulator(Settings(port=0, smtp_port=0, webhook_url="", limits=1, limit_day=2))
    simulator.start()
    try:
        portal = Portal(simulator)
        answers = [portal.move() for _ in range(3)]
        refused = answers[2]
        assert ([answer.status_code for answer in answers], refused.content) == ([200, 200, 429], b"")
        assert 86_000 < int(refused.headers["Retry-After"]) <= 86_400
        ends_in = int(refused.headers["X-RateLimit-Reset"]) - time.time()
        assert abs(ends_in - int(refused.headers["Retry-After"])) < 5
        assert portal.call("GET", "people/@self").status_code == 200
    finally:
        simulator.stop()


def test_with_latencies_as_seen_a_move_is_in_place_before_it_has_ended():
    simulator = Simulator(Settings(port=0, smtp_port=0, webhook_url="", latencies="seen"))
    simulator.start()
    try:
        portal = Portal(simulator)
        file_id = portal.upload()
        answer = portal.move(file_id)
        asked = time.monotonic()
        assert answer.elapsed.total_seconds() >= 0.081
        until(lambda: portal.file(file_id)["folderId"] == seed.INCOMING)
        assert 0.2 < time.monotonic() - asked < 2
        portal.finished(answer)
        busy = portal.state()["busy_s"]
        assert busy["requests"] > 0.2
        assert 0.2 < busy["operations"] < 0.5
    finally:
        simulator.stop()
