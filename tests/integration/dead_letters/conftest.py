"""A broker for the commands."""

import pytest

from tests.support.runtime import running_publisher


@pytest.fixture
def url(vhost_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A broker with the product's queues, which the commands find too."""
    with running_publisher(vhost_url):
        pass
    monkeypatch.setenv("AMQP_URL", vhost_url)
    monkeypatch.delenv("AMQP_URL_FILE", raising=False)
    return vhost_url
