"""The cloud's rate limits over HTTP."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from simulator.limits import READS_AT_ONCE, WRITES_AT_ONCE
from simulator.server import Simulator
from simulator.settings import Settings
from tests.contract.simulator_quirks.portal import Portal

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
