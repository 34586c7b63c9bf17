from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.dispatcher.desk import Desk, a_desk
from tests.support.receiver import Receiver
from tests.support.runtime import running_publisher


@pytest.fixture
def desk(any_vhost_url: str, tmp_path: Path) -> Iterator[Desk]:
    with running_publisher(any_vhost_url) as publisher, a_desk(any_vhost_url, tmp_path, publisher) as desk:
        yield desk


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def other() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running
