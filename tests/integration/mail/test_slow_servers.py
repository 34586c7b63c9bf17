"""Mail servers that drop, hang or speak slowly: telling many recipients ends in time, to be tried again."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from notifier import attempt as an_attempt
from notifier.handler import handle
from notifier.ports import Ports
from shared.announcing.channels.channel import Tools
from shared.announcing.channels.table import ChannelsOf
from shared.rules.model import RuleSet
from shared.smtp.sender import SmtpSender
from shared.store.ledger import Ledger
from shared.store.outbox.windows import Windows
from shared.text.codes import Code
from shared.wire.events import InvoiceFiled, PortalId, encode
from shared.wire.message import Message
from shared.wire.outcome import Forward, Outcome, Retry

RECIPIENTS = tuple(f"manager{number}@example.com" for number in range(12))
ANSWER_S, MESSAGE_S, EACH_S = 1.0, 3.0, 1.0
SLACK_S = 3.0
"""A busy machine's."""


@dataclass
class Server:
    """Accepts, and treats each client as it is told."""

    behave: Callable[[socket.socket], None]
    port: int = 0
    clients: int = 0
    open: list[socket.socket] = field(default_factory=list)

    def serve(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listening.accept()
                self.clients += 1
                self.open.append(client)
                threading.Thread(target=self._treat, args=(client,), daemon=True).start()

    def _treat(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self.behave(client)


@pytest.fixture
def serving() -> Iterator[Callable[[Callable[[socket.socket], None]], Server]]:
    listening = socket.create_server(("127.0.0.1", 0))
    made: list[Server] = []

    def serving(behave: Callable[[socket.socket], None]) -> Server:
        server = Server(behave, listening.getsockname()[1])
        made.append(server)
        threading.Thread(target=server.serve, args=(listening,), daemon=True).start()
        return server

    yield serving
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    for server in made:
        for client in server.open:
            client.close()


@pytest.fixture
def attempt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Server], tuple[Outcome, float]]]:
    """Tell everyone of one invoice; the outcome, and how long it took."""
    monkeypatch.setattr(an_attempt, "MESSAGE_S", MESSAGE_S)
    monkeypatch.setattr(an_attempt, "EACH_S", EACH_S)
    url = f"sqlite:///{tmp_path}/ledger.db"
    ledger, windows = Ledger(url, owner="notifier"), Windows(url)
    mails: list[SmtpSender] = []

    def attempt(server: Server) -> tuple[Outcome, float]:
        mail = SmtpSender(f"smtp://127.0.0.1:{server.port}", "invoices@example.com", ANSWER_S)
        mails.append(mail)
        invoice = InvoiceFiled(
            file_id=1, version=1, title="Invoice", rule="default", destination=2, recipients=RECIPIENTS,
            source_file_id=1, portal=PortalId("portal.example.com"),
        )  # fmt: skip
        message = Message(
            body=encode(invoice), type="invoice.filed", message_id="m", correlation_id="c", timestamp=1
        )
        began = time.monotonic()
        channels = ChannelsOf(RuleSet(rules=()), Tools(mail))
        outcome = handle(message, Ports("portal.example.com", ledger, windows, channels))
        return outcome, time.monotonic() - began

    yield attempt
    for mail in mails:
        mail.close()
    ledger.close()


def drops(client: socket.socket) -> None:
    client.close()


def hangs(_client: socket.socket) -> None:
    """It accepts, and says nothing."""


def drips(client: socket.socket) -> None:
    """A greeting without end, a byte at a time, each sooner than any part would be given up."""
    client.sendall(b"220-")
    while True:
        time.sleep(0.1)
        client.sendall(b"x")


def drips_lines(client: socket.socket) -> None:
    """One answer of very many lines."""
    while True:
        client.sendall(b"220-still thinking\r\n")
        time.sleep(0.1)


def hangs_after_the_text(client: socket.socket) -> None:
    conversation(client, after_text=None)


def conversation(
    client: socket.socket, after_text: bytes | None, takes_s: float = 0.0, taken: list[str] | None = None
) -> None:
    """As a mail server speaks. `taken` is told each recipient whose mail it took."""
    lines, recipient = client.makefile("rb"), ""
    client.sendall(b"220 ready\r\n")
    while line := lines.readline():
        if line.startswith(b"rcpt"):
            recipient = line.decode().partition("<")[2].partition(">")[0]
        if not line.upper().startswith(b"DATA"):
            client.sendall(b"250 ok\r\n")
            continue
        client.sendall(b"354 go on\r\n")
        while lines.readline() != b".\r\n":
            pass
        time.sleep(takes_s)
        if after_text is None:
            return
        if taken is not None:
            taken.append(recipient)
        client.sendall(after_text)


@pytest.mark.parametrize("behave", [drops, hangs, drips, drips_lines, hangs_after_the_text])
def test_twelve_recipients_share_the_fate_of_the_first_and_end_in_time(serving, attempt, behave) -> None:
    server = serving(behave)
    outcome, took_s = attempt(server)
    assert isinstance(outcome, Retry)
    assert all(recipient in outcome.reason for recipient in RECIPIENTS)
    assert took_s < ANSWER_S + SLACK_S
    assert server.clients == 1


def test_a_server_that_takes_its_time_for_each_is_told_the_rest_at_the_next_attempt(serving, attempt) -> None:
    taken: list[str] = []
    server = serving(lambda client: conversation(client, after_text=b"250 taken\r\n", takes_s=0.6, taken=taken))
    attempts = 0
    outcome: Outcome = Retry("not begun", Code.AT_WORK)
    while isinstance(outcome, Retry):
        outcome, took_s = attempt(server)
        assert took_s < MESSAGE_S + SLACK_S
        attempts += 1
    assert isinstance(outcome, Forward)
    assert attempts >= 3
    assert sorted(taken) == sorted(RECIPIENTS)
