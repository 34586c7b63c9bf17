"""The real application over a history that the projector's own Store filled. No broker and no worker runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.stories import DESTINATION, MANAGER, ROOM, Past
from tests.support.web import Browser, browser, close_all

NOW = 1_795_870_800.0
"""Saturday, 2026-11-28, 14:00 in Berlin."""
ENVIRON = {
    "AMQP_URL": "amqp://guest:guest@127.0.0.1:1/",
    "CLIENT_ROOM_ID": str(ROOM),
    "INCOMING_FOLDER_ID": str(DESTINATION),
    "MANAGER_EMAIL": MANAGER,
    "DOCSPACE_API_HOST": "https://portal.example.com",
}


@pytest.fixture(scope="module", autouse=True)
def closed() -> Iterator[None]:
    """What the browsers of a module opened: some serve several tests."""
    yield
    close_all()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def past(file: Path) -> Iterator[Past]:
    made = Past(f"sqlite:///{file}")
    yield made
    made.close()


@pytest.fixture
def pages(file: Path) -> Browser:
    return browser(file, environ=ENVIRON, clock=lambda: NOW)
