from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.server import Simulator
from simulator.settings import Settings
from tests.integration.setup_command.desk import Desk


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    simulator = Simulator(Settings(port=0, smtp_port=0, webhook_url=""))
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def desk(simulator: Simulator, tmp_path: Path) -> Desk:
    simulator.reset()
    return Desk(tmp_path, simulator)
