"""Limits how long an answer may take in all. A socket's own timeout is for each part of it.

A header, a chunk's size and a trailer are read to the end of their line, which may come byte by byte for ever. One
limit also holds for all calls that one message needs, because there are many and each could take a minute.
"""

import contextlib
import http.client
import io
import math
import socket
import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from shared.docspace import reply

GRACE_S = 1.0
"""For `shared.docspace.reply`, which usually sees the end of the time first and says which limit was passed.
Only within a line it cannot."""


HANDLING_S = 300.0
"""The time for all calls about one message. Other waits, such as for a move, come on top and end before
`shared.runtime.handling.HANDLER_LIMIT_S`."""

_ends_at: ContextVar[float] = ContextVar("ends_at", default=math.inf)


@contextlib.contextmanager
def within(seconds: float, *, anew: bool = False) -> Iterator[None]:
    """All of this thread's calls in the block end within so many seconds from now. If a block around this one
    ends sooner, they do too, unless this one is `anew`.
    """
    ends_at = time.monotonic() + seconds
    before = _ends_at.set(ends_at if anew else min(ends_at, _ends_at.get()))
    try:
        yield
    finally:
        _ends_at.reset(before)


@contextlib.contextmanager
def handling() -> Iterator[None]:
    """`within`, with the time for one message. Also a decorator."""
    with within(HANDLING_S):
        yield


def left_s() -> float:
    """How much of this thread's time is left; infinite if it has no limit."""
    return _ends_at.get() - time.monotonic()


class _Timed(io.RawIOBase):
    """Reads from the socket. TimeoutError after the time limit, or if one part takes too long."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._part_s = sock.gettimeout()
        self._until: float | None = None

    @property
    def part_s(self) -> float | None:
        return self._part_s

    def end_within(self, seconds: float) -> None:
        self._until = time.monotonic() + min(seconds, left_s())

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._until is not None and self._part_s is not None:
            left_s = self._until - time.monotonic()
            if left_s <= 0:
                raise TimeoutError("timed out")
            self._sock.settimeout(min(self._part_s, left_s))
        try:
            return self._raw.readinto(buffer)
        finally:
            if self._part_s is not None and self._sock.fileno() >= 0:
                self._sock.settimeout(self._part_s)  # of the connection's next request

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """Status and headers must come within the timeout of one part, the body within `reply.LONGEST_S`."""

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self._timed = _Timed(self.fp.detach(), sock)
        self.fp = io.BufferedReader(self._timed)
        if self._timed.part_s is not None:
            self._timed.end_within(self._timed.part_s)

    def begin(self) -> None:
        super().begin()
        self._timed.end_within(reply.LONGEST_S + GRACE_S)


class _Connection(HTTPConnection):
    response_class = _Response


class _TlsConnection(HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


POOLS = {"http": _Pool, "https": _TlsPool}
"""The value for a pool manager's `pool_classes_by_scheme`."""
