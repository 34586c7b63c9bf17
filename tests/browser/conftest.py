"""One Chromium, Debian's own, and one web console for all tests here."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from demo.ports import free_port as find_free_port
from tests.browser.served import Served, served
from tests.support.web import close_all

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """No broker runs: what is unknown without it stands on the pages."""
    with served(tmp_path_factory.mktemp("web"), "amqp://guest:guest@127.0.0.1:1/", find_free_port()) as found:
        yield found
    close_all()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing: scripts/install-for test")
    with sync_playwright() as playwright:
        # as root Chromium has no sandbox; it opens our own pages alone
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
