"""The mover's handler, DocSpace client and ledger against the simulated portal over HTTP."""

import pytest
import requests

from shared.store.ledger import Ledger
from simulator.server import Simulator
from simulator.settings import Settings
from tests.integration.mover_portal.worker import KEY, Mover, Portal

OPERATION_MS = 150


@pytest.fixture(scope="module")
def running():
    simulator = Simulator(Settings(port=0, smtp_port=0, api_key=KEY, webhook_url="", operation_ms=OPERATION_MS))
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def portal(running):
    requests.post(f"{running.url}/simulator/reset", timeout=5).raise_for_status()
    return Portal(running.url)


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(f"sqlite:///{tmp_path}/ledger.db", owner="mover@test")
    yield ledger
    ledger.close()


@pytest.fixture
def mover(running, ledger):
    mover = Mover(running.url, ledger)
    yield mover
    mover.client.close()
