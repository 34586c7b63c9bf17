"""A real mail server that keeps what it takes and answers as it is told, and who sends to it."""

import asyncio
import email
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from shared.smtp.sender import SmtpSender
from shared.text.announcement import Announcement

SAID = Announcement("Invoice filed: счёт №5 🧾.pdf", "Текст\nline two\n.\n", "<p>Текст</p>\n")
MANAGER = "manager@example.com"
SENDERS: list[SmtpSender] = []
"""Closed before their servers are."""
KEY = "announce:portal.example.com:42:3:manager@example.com"


class Inbox:
    """What the server took, and what it is told to answer instead of taking: at once, in this order."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.answers: dict[str, list[str]] = {"MAIL": [], "RCPT": [], "DATA": [], "QUIT": []}
        self.logins: list[tuple[bytes, bytes]] = []
        self.encrypted: list[bool] = []
        self.clients: list[int] = []
        """For each letter the port that it came from: one for each connection."""
        self.goodbyes = 0
        self.hangs_up = False
        """After each letter."""
        self.hung_up = 0

    def _next(self, command: str) -> str | None:
        return self.answers[command].pop(0) if self.answers[command] else None

    def _hang_up(self, server: SMTP) -> None:
        assert server.transport is not None
        server.transport.close()
        asyncio.get_running_loop().call_soon(self._count_hang_up)  # once the loop has closed the socket

    def _count_hang_up(self) -> None:
        self.hung_up += 1

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name, as the three below
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._next("MAIL") or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if answer := self._next("RCPT"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if answer := self._next("DATA"):
            return answer
        self.envelopes.append(envelope)
        assert isinstance(envelope.content, bytes)
        assert server.transport is not None
        self.letters.append(email.message_from_bytes(envelope.content, policy=policy.default))
        self.encrypted.append(session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None)
        _host, port = server.transport.get_extra_info("peername")[:2]
        self.clients.append(port)
        if self.hangs_up:
            asyncio.get_running_loop().call_later(0.05, self._hang_up, server)
        return "250 taken"

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        self.goodbyes += 1
        return self._next("QUIT") or "221 Bye"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: LoginPassword
    ) -> AuthResult:
        self.logins.append((login.login, login.password))
        return AuthResult(success=login.password == b"p@ss:word/", handled=False)


def sender(url: str, mail_from: str = "Invoices <invoices@example.com>", **options: Any) -> SmtpSender:
    made = SmtpSender(url, mail_from, 5.0, now=lambda: datetime(2026, 11, 24, 18, 19, tzinfo=UTC), **options)
    SENDERS.append(made)
    return made


def send(through: SmtpSender, recipient: str = MANAGER, key: str = KEY) -> None:
    through.send(recipient, SAID, key=key, correlation_id="corr-1")
