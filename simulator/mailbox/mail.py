"""A mailbox over SMTP: it keeps every mail in memory and refuses recipients when told to."""

import asyncio
import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from simulator.faults import Faults
from simulator.mailbox.letter import Letter, read

REFUSALS = {421: "Service not available", 450: "Mailbox busy", 451: "Local error, try again later"}

LOOK_S = 0.05
"""How often it looks whether it must still hang."""


@dataclass(frozen=True)
class Mail:
    content: bytes
    sender: str
    to: tuple[str, ...]
    at: datetime

    @functools.cached_property
    def letter(self) -> Letter:
        """Parsed when first read: parsing takes longer than the delivery, and the sender must not wait."""
        return read(self.content)


class Mailbox:
    def __init__(self) -> None:
        self._mails: list[Mail] = []
        self._lock = threading.Lock()

    def add(self, mail: Mail) -> None:
        with self._lock:
            self._mails.append(mail)

    def all(self) -> list[Mail]:
        with self._lock:
            return list(self._mails)

    def clear(self) -> None:
        with self._lock:
            self._mails.clear()


class Handler:
    """aiosmtpd calls these by name."""

    def __init__(self, mailbox: Mailbox, faults: Faults, now: Callable[[], datetime]) -> None:
        self._mailbox = mailbox
        self._faults = faults
        self._now = now

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self._faults.smtp_down and isinstance(
            server.transport, asyncio.Transport
        ):  # on a connection opened before the fault
            server.transport.abort()
            return "421 Service not available"
        while self._faults.smtp_hangs:  # noqa: ASYNC110 - lifted by another thread
            await asyncio.sleep(LOOK_S)
        fault = self._faults.take_smtp()
        if fault is not None:
            words = REFUSALS.get(fault.code, "Requested action not taken")
            return "\r\n".join([f"{fault.code}-{words}"] * (fault.lines - 1) + [f"{fault.code} {words}"])
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self._mailbox.add(Mail(content, envelope.mail_from or "", tuple(envelope.rcpt_tos), self._now()))
        return "250 OK"


class _Smtp(SMTP):
    faults: Faults

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if self.faults.smtp_down and isinstance(transport, asyncio.Transport):
            transport.abort()


class MailServer(Controller):
    """After start(), `port` is the real port, also if 0 was given."""

    def __init__(self, handler: Handler, faults: Faults, host: str, port: int) -> None:
        super().__init__(handler, hostname=host, port=port)
        self._faults = faults

    def factory(self) -> SMTP:
        smtp = _Smtp(self.handler, hostname="simulator", enable_SMTPUTF8=True)
        smtp.faults = self._faults
        return smtp

    def _trigger_server(self) -> None:
        if isinstance(self.server, asyncio.Server):
            self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd's own
