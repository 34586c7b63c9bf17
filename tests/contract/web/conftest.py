"""What the browsers of a test opened is closed after it."""

from collections.abc import Iterator

import pytest

from tests.support.web import close_all


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    close_all()
