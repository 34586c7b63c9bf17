"""One simulator for all recorded situations, as at its start for each of them."""

import pytest
import requests

from simulator.server import Simulator
from simulator.settings import Settings
from tests.contract.recorded.stage import Stage
from tests.contract.simulator_quirks.receiver import Receiver


@pytest.fixture(scope="package")
def running():
    simulator = Simulator(
        Settings(port=0, smtp_port=0, webhook_url="", operation_ms=5, webhook_retry_base_s=0.01, webhook_poll_ms=5)
    )
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def stage(running, receiver, monkeypatch):
    running.reset()
    with requests.Session() as http:
        http.trust_env = False
        yield Stage(running, receiver, http, monkeypatch)
