import contextlib
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller

from tests.integration.mail.inbox import SENDERS, Inbox
from tests.integration.mail.postfix import find_postfix


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def serve(inbox: Inbox, free_port: Callable[[], int]) -> Iterator[Callable[..., str]]:
    """Starts a server with these options; gives its `host:port`."""
    with contextlib.ExitStack() as stack:

        def start(**options: Any) -> str:
            controller = Controller(inbox, hostname="localhost", port=free_port(), **options)
            controller.start()
            stack.callback(controller.stop)
            return f"localhost:{controller.port}"

        yield start
        while SENDERS:
            SENDERS.pop().close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def client_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


collect_ignore = [] if find_postfix() else ["test_postfix.py"]
