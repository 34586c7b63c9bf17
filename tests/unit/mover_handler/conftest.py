import pytest

from tests.unit.mover_handler.world import World


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    yield world
    world.ledger.close()


@pytest.fixture
def portal(world):
    return world.portal
