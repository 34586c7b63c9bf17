"""A conversation with a mail server that ends in time, however slowly the server answers.

A socket's timeout is for each part that comes, and smtplib's is for each address of a host. A server that sends one
byte a second would hold a worker for hours.
"""

import contextlib
import io
import smtplib
import socket
import time
from collections.abc import Callable
from typing import Any

CONNECT_S = 5.0
"""For all addresses of the host together. A lost SYN is sent again after 1 and after 3 s."""
READY = 220


class Conversation(smtplib.SMTP):
    """Each step ends within `step_s`, and all of them at `until` (by the monotonic clock): else a TimeoutError, or
    an SMTPServerDisconnected from one.
    """

    file: io.BufferedReader | None

    def __init__(self, step_s: float, until: float, **options: Any) -> None:
        self._bound(step_s, until)
        super().__init__(timeout=step_s, **options)

    def _bound(self, step_s: float, until: float) -> None:
        self._step_s = step_s
        self._until = self._step_until = until

    def begin(self, host: str, port: int) -> None:
        """Connect, and read the server's greeting."""
        self._host = host  # as smtplib's own constructor does: TLS verifies it
        code, said = self.connect(host, port)
        if code != READY:
            self.close()
            raise smtplib.SMTPConnectError(code, said)

    def end_within(self, seconds: float) -> None:
        """What follows has a time limit of its own."""
        self._until = time.monotonic() + seconds

    def getreply(self) -> tuple[int, bytes]:
        self._begin_step()
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Timed(self.sock, self._left_s))
        return super().getreply()

    def send(self, s: Any) -> None:
        self._begin_step()
        if self.sock is not None:
            self.sock.settimeout(self._left_s())
        super().send(s)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 - smtplib's hook
        sock = _connected(host, port, min(CONNECT_S, self._left_s()))
        self._begin_step()
        sock.settimeout(self._left_s())
        return sock

    def _begin_step(self) -> None:
        self._step_until = min(self._until, time.monotonic() + self._step_s)

    def _left_s(self) -> float:
        left_s = self._step_until - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("timed out")
        return left_s


class TlsConversation(smtplib.SMTP_SSL, Conversation):
    """The same, encrypted from the start."""

    def __init__(self, step_s: float, until: float, **options: Any) -> None:
        self._bound(step_s, until)
        smtplib.SMTP_SSL.__init__(self, timeout=step_s, **options)


class _Timed(io.RawIOBase):
    """Reads from the socket, within the time that is left."""

    def __init__(self, sock: socket.socket, left_s: Callable[[], float]) -> None:
        self._sock = sock
        self._left_s = left_s

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._left_s())
        return self._sock.recv_into(buffer)


def _connected(host: str, port: int, within_s: float) -> socket.socket:
    """Connect to the first address that answers; each gets its share of the time."""
    until = time.monotonic() + within_s
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    failure: OSError = OSError(f"{host} has no address")
    for number, (family, kind, protocol, _, address) in enumerate(addresses):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(max(0.001, (until - time.monotonic()) / (len(addresses) - number)))
            sock.connect(address)
        except OSError as error:
            failure = error
            with contextlib.suppress(OSError):
                sock.close()
        else:
            return sock
    raise failure
