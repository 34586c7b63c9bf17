"""One broker connection that is made again after each loss. Every method runs on the loop's thread."""

import itertools
import random
import time
from collections.abc import Callable, Sequence
from urllib.parse import parse_qs, urlsplit

import pika
import structlog
from pika.adapters.select_connection import IOLoop

from shared.amqp.client.address import distrusted
from shared.amqp.client.address import parameters as read
from shared.amqp.client.connection import Connection

HEARTBEAT_S = 15
"""A dead peer is noticed after about twice this. With a shorter heartbeat a busy machine would lose connections.
`?heartbeat=` in the URL overrides it."""
CONNECT_TIMEOUT_S = 5
"""For TCP and for the AMQP handshake: a paused broker accepts a TCP connection but does not answer on it."""
SETTLE_WITHIN_S = 20
"""How long declarations may take after connecting. If the broker never answers one, nothing else would end the
wait: the heartbeats are the connection's, and go on."""
CLOSE_WITHIN_S = 5
"""How long a clean close may take before the socket is closed."""
FIRST_BACKOFF_S = 0.2
MAX_BACKOFF_S = 2.0
"""The longest pause between tries. A broker that is back is found soon, and two tries a second do not load it."""

log = structlog.get_logger()


class Link:
    """Connects to the URLs in turn, for ever. `on_open` is called with each new connection, `on_lost` with the
    reason of each loss.

    After a loss the next URL is tried: the host that was just lost may not even refuse, and would cost a whole
    timeout.
    """

    def __init__(
        self,
        loop: IOLoop,
        urls: Sequence[str],
        name: str,
        on_open: Callable[[pika.SelectConnection], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._loop = loop
        self._parameters = [_parameters(url, name) for url in urls]
        self.name = name
        self._on_open = on_open
        self._on_lost = on_lost
        self._connection: Connection | None = None
        self._hosts = itertools.cycle(self._parameters)
        self._tries = 0
        """Tries since a connection last did its work."""
        self._settles_by = 0.0
        """When the connection that is open is given up, unless it works by then."""
        self._closing = False
        self._blocked = False
        self.reason = "not connected yet"
        """Why there is no connection, for `/readyz`; empty if there is one."""

    @property
    def blocked(self) -> bool:
        """Whether the broker takes no publishes now, because its memory or disk alarm is on."""
        return self._blocked

    @property
    def closed(self) -> bool:
        return self._connection is None

    def connect(self) -> None:
        if self._closing:
            return
        self._tries += 1
        self._connection = Connection(
            next(self._hosts),
            on_open_callback=self._opened,
            on_open_error_callback=self._ended,
            on_close_callback=self._ended,
            custom_ioloop=self._loop,
        )

    def settled(self) -> None:
        """The connection works: after the next loss, the first pause is the shortest."""
        self._tries = 0
        self.reason = ""
        log.info("broker.connected", link=self.name)

    def stand(self, reason: str) -> None:
        """The broker answered, but what is needed is missing: the connection has SETTLE_WITHIN_S more to settle."""
        self.reason = reason
        self._settles_by = time.monotonic() + SETTLE_WITHIN_S

    def drop(self, reason: str) -> None:
        """Close this connection and make a new one."""
        if self._connection is not None and self._connection.is_open:
            self.reason = reason
            self._close(self._connection, reason)

    def close(self) -> None:
        """Close the connection for good."""
        self._closing = True
        if self._connection is not None and self._connection.is_open:
            self._close(self._connection, "closed")

    def _close(self, connection: Connection, reason: str) -> None:
        connection.close(reply_text=reason[:200])
        self._loop.call_later(CLOSE_WITHIN_S, lambda: self._abort(connection, reason))

    def _abort(self, connection: Connection, reason: str) -> None:
        if self._connection is connection:
            connection.abort(reason)

    def _drop_unsettled(self, connection: pika.SelectConnection) -> None:
        if self._connection is not connection or not self._tries:
            return
        left_s = self._settles_by - time.monotonic()
        if left_s > 0:
            self._loop.call_later(left_s, lambda: self._drop_unsettled(connection))
        else:
            self.drop(f"the broker did not answer our declarations within {SETTLE_WITHIN_S} s")

    def _opened(self, connection: pika.SelectConnection) -> None:
        self._settles_by = time.monotonic() + SETTLE_WITHIN_S
        self._drop_unsettled(connection)
        connection.add_on_connection_blocked_callback(lambda *_: self._block(on=True))
        connection.add_on_connection_unblocked_callback(lambda *_: self._block(on=False))
        self._on_open(connection)

    def _block(self, *, on: bool) -> None:
        self._blocked = on
        log.warning("broker.blocked" if on else "broker.unblocked", link=self.name)

    def _ended(self, _connection: pika.SelectConnection, error: Exception | str) -> None:
        self._connection = None
        self._blocked = False
        if self._closing:
            self._on_lost("closed")
            return
        if not (self.reason and isinstance(error, pika.exceptions.ConnectionClosedByClient)):
            why = distrusted(error) if isinstance(error, Exception) else None
            self.reason = (
                f"the broker {why}" if why else _sentence(error)
            )  # if we dropped it ourselves, the reason is known
        wait_s = min(FIRST_BACKOFF_S * 2 ** min(self._tries, 10), MAX_BACKOFF_S) * random.uniform(0.75, 1.25)  # noqa: S311 - spread, not secrecy
        log.warning("broker.lost", link=self.name, reason=self.reason, again_in_s=round(wait_s, 2))
        self._on_lost(self.reason)
        self._loop.call_later(wait_s, self.connect)


def _parameters(url: str, name: str) -> pika.URLParameters:
    parameters = read(url)
    if "heartbeat" not in parse_qs(urlsplit(url).query):
        parameters.heartbeat = HEARTBEAT_S
    parameters.socket_timeout = CONNECT_TIMEOUT_S
    parameters.stack_timeout = CONNECT_TIMEOUT_S
    parameters.client_properties = {"connection_name": name}
    return parameters


def _sentence(error: Exception | str) -> str:
    """The innermost error: pika wraps it in others whose text is often empty."""
    while isinstance(error, Exception) and error.args and isinstance(error.args[0], Exception):
        error = error.args[0]
    inner = getattr(error, "exceptions", None) or getattr(error, "exception", None)
    if inner:
        return _sentence(inner[-1] if isinstance(inner, list | tuple) else inner)
    return f"{type(error).__name__}: {error}" if isinstance(error, Exception) else str(error)
