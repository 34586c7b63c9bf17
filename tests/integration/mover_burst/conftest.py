"""A portal that takes its time, and a mover."""

import pytest

from shared.store.ledger import Ledger
from simulator.server import Simulator
from simulator.settings import Settings
from tests.integration.mover_burst.worker import LATENCY_MS, Mover


@pytest.fixture(scope="module")
def running():
    simulator = Simulator(Settings(port=0, smtp_port=0, webhook_url="", operation_ms=50, latency_ms=LATENCY_MS))
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def portal(running):
    running.reset()
    return running


@pytest.fixture
def mover(running, tmp_path):
    ledger = Ledger(f"sqlite:///{tmp_path}/ledger.db", owner="mover@test")
    mover = Mover(running.url, ledger)
    yield mover
    mover.client.close()
    ledger.close()
