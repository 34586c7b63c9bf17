"""Makes the topology on each new connection; where the broker's user may not, looks whether what it needs is there.

If something is missing then, the connection stays, and it looks again every few seconds, until `intake topology`
has made it. To be used on the loop's thread; any thread may read `fault`.
"""

from collections.abc import Callable
from dataclasses import replace

import pika
import structlog
from pika.adapters.select_connection import IOLoop
from pika.channel import Channel
from pika.exceptions import ChannelClosedByBroker

from shared.amqp.client.link import Link
from shared.amqp.topology import Needed, Topology, declare, look
from shared.errors import RUN_TOPOLOGY

ACCESS_REFUSED, NOT_FOUND = 403, 404
LOOK_AGAIN_S = 3.0

log = structlog.get_logger()

Ready = Callable[[Channel], None]


class Declaration:
    def __init__(self, loop: IOLoop, link: Link, wanted: Topology, needed: Needed) -> None:
        """`wanted` is what it declares where it may, `needed` what it looks for where it may not."""
        self._loop = loop
        self._link = link
        self._wanted = wanted
        self._needed = replace(needed, exchanges=(*needed.exchanges, *([wanted.marker] if wanted.marker else [])))
        self.only_looks = False
        """The broker refused a declaration to this user."""
        self.fault: str | None = None
        """What is missing on this connection, and what to do; None: nothing that is known."""
        self._told = False

    def begin(self, connection: pika.SelectConnection, ready: Ready) -> None:
        """Call `ready` with an open channel once all is there, unless the connection ends before."""
        if connection.is_open:
            connection.channel(on_open_callback=lambda channel: self._opened(channel, ready))

    def lost(self) -> None:
        """The connection is lost; what the next one finds is not known yet."""
        self.fault = None

    def _opened(self, channel: Channel, ready: Ready) -> None:
        is_there = False

        def done() -> None:
            nonlocal is_there
            is_there, self._told, self.fault = True, False, None
            ready(channel)

        def closed(channel: Channel, error: Exception) -> None:
            if not is_there:
                self._refused(channel.connection, error, ready)

        channel.add_on_close_callback(closed)
        if self.only_looks:
            look(channel, self._needed, done)
        else:
            declare(channel, self._wanted, done)

    def _refused(self, connection: pika.SelectConnection, error: Exception, ready: Ready) -> None:
        code = error.reply_code if isinstance(error, ChannelClosedByBroker) else None
        if code == ACCESS_REFUSED and not self.only_looks:
            self.only_looks = True
            self._loop.call_later(0, lambda: self.begin(connection, ready))
        elif code == NOT_FOUND and self.only_looks:
            self._miss(str(error))
            self._loop.call_later(LOOK_AGAIN_S, lambda: self.begin(connection, ready))
        else:
            self._link.drop(f"channel closed: {error}")

    def _miss(self, what: str) -> None:
        self.fault = f"{RUN_TOPOLOGY} ({what})"
        self._link.stand(self.fault)
        if not self._told:
            self._told = True
            log.error("topology.missing", link=self._link.name, reason=self.fault)
