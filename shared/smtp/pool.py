"""ConnectionPool to the mail server, kept for the next mail: a new one, with TLS and a login, takes its time."""

import contextlib
import select
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.smtp.connection import MailServer, goodbye
from shared.smtp.conversation import Conversation
from shared.threads import vital
from shared.threads.vital import Then

IDLE_S = 5.0
"""Long enough for a burst, and far below the five minutes that a server must wait (RFC 5321, 4.5.3.2.7)."""

MAILS_EACH = 20
"""Then a new one: servers allow some dozens, and tell it only by refusing the next mail."""


@dataclass(slots=True, eq=False)
class _Kept:
    smtp: Conversation
    mails: int = 0
    since: float = field(default_factory=time.monotonic)

    def usable(self) -> bool:
        """What a server says unasked is its goodbye."""
        if self.smtp.sock is None:
            return False
        heard = select.poll()
        heard.register(self.smtp.sock, select.POLLIN)
        return not heard.poll(0)


class ConnectionPool:
    """Serves many threads: each has a connection for itself while it sends."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._idle: list[_Kept] = []
        self._changed = threading.Condition()
        self._closing = False
        """A thread closes those that are idle for too long."""

    @contextlib.contextmanager
    def one(self, within_s: float) -> Iterator[Conversation]:
        """Secured and logged in, for one mail, which has so long in all. NoMailNowError says why there is none."""
        until = time.monotonic() + within_s
        kept = self._take() or _Kept(self._server.connect(within_s))
        kept.smtp.end_within(until - time.monotonic())
        try:
            yield kept.smtp
        except BaseException:
            goodbye(kept.smtp)  # whatever state the conversation is in
            raise
        kept.mails += 1
        self._give_back(kept)

    def close(self) -> None:
        """Those that are idle; what is under way goes on. Repeating it is safe."""
        with self._changed:
            idle, self._idle = self._idle, []
        for kept in idle:
            goodbye(kept.smtp)

    def _take(self) -> _Kept | None:
        while True:
            with self._changed:
                if not self._idle:
                    return None
                kept = self._idle.pop()
            if kept.mails < MAILS_EACH and kept.usable():
                return kept
            goodbye(kept.smtp)

    def _give_back(self, kept: _Kept) -> None:
        """At once: the mail was accepted, and nobody has recorded it yet."""
        kept.since = time.monotonic()
        with self._changed:
            self._idle.append(kept)
            if not self._closing:
                self._closing = vital.start_if_possible("smtp-idle", self._close_for_ever, then=Then.RESTART)
            self._changed.notify()

    def _close_for_ever(self) -> None:
        while True:
            with self._changed:
                while not self._idle:
                    self._changed.wait()
                too_old = time.monotonic() - IDLE_S
                old = [kept for kept in self._idle if kept.since <= too_old]
                self._idle = [kept for kept in self._idle if kept.since > too_old]
            for kept in old:
                goodbye(kept.smtp)
            time.sleep(IDLE_S / 5)
