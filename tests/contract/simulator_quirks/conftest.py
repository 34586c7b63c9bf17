"""What DocSpace does that its documentation does not say, held against a running simulator."""

import pytest

from simulator.server import Simulator
from simulator.settings import Settings
from tests.contract.simulator_quirks.portal import Portal
from tests.contract.simulator_quirks.receiver import SECRET, Receiver


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def simulator(receiver):
    settings = Settings(
        port=0, smtp_port=0, webhook_url=receiver.url + "/hook", webhook_secret=SECRET,
        operation_ms=20, webhook_retry_base_s=0.01, webhook_poll_ms=5,
    )  # fmt: skip
    simulator = Simulator(settings)
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def portal(simulator):
    return Portal(simulator)
