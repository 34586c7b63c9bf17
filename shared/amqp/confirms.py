"""A channel in confirm mode: many publishes in flight, each with one answer. For the loop's thread."""

from collections import OrderedDict
from collections.abc import Callable

import pika
from pika.channel import Channel
from pika.frame import Method
from pika.spec import Basic

from shared.amqp.client.frames import UNSENDABLE
from shared.errors import TransientError
from shared.wire.message import Publication


class PublishError(TransientError):
    """The broker did not confirm a publish; `kind` labels the metric. Publishing it again is safe, as its id
    stays the same.
    """

    kind = "failed"


class UnavailableError(PublishError):
    """It was not sent: there is no connection, or the broker takes no messages now."""

    kind = "unavailable"


class UnknownError(PublishError):
    """It was sent and no answer came, so it may be on its queue."""

    kind = "unknown"


class NackedError(PublishError):
    """The broker refused it: the queue is full, or is changing its leader."""

    kind = "nacked"


class UnroutableError(PublishError):
    """No queue takes the message: the bindings on the broker are not ours."""

    kind = "unroutable"


class NeverTakenError(PublishError):
    """It cannot be sent, or the broker refuses it each time: publishing it again changes nothing."""

    kind = "refused"


Settled = Callable[[PublishError | None], None]


class ConfirmChannel:
    def __init__(self, channel: Channel, on_ready: Callable[[], None]) -> None:
        self._channel = channel
        self._tag = 0
        self._pending: OrderedDict[int, tuple[Publication, Settled]] = OrderedDict()
        self._returned: dict[str, str] = {}
        channel.add_on_return_callback(self._on_return)
        channel.connection.on_confirm(channel.channel_number, self._confirmed)
        channel.confirm_delivery(self._refused, callback=lambda _: on_ready())

    def __len__(self) -> int:
        """Publishes without an answer yet."""
        return len(self._pending)

    @property
    def oldest(self) -> int | None:
        """The number of the publish that has waited longest for its answer; None if none waits."""
        return next(iter(self._pending), None)

    def publish(self, publication: Publication, settled: Settled) -> None:
        """Send it. `settled` is called once: with None when the broker has it on disk, else with the error."""
        if not self._channel.is_open:
            settled(UnavailableError("the broker's channel is closed"))
            return
        try:
            self._channel.connection.publish(self._channel.channel_number, publication)
        except UNSENDABLE as error:
            settled(NeverTakenError(f"it cannot be sent: {error}"))
            return
        self._tag += 1
        self._pending[self._tag] = (publication, settled)

    @property
    def unanswered(self) -> list[Publication]:
        return [publication for publication, _ in self._pending.values()]

    def lost(self, reason: str) -> None:
        """The connection is lost: nobody knows whether the publishes without an answer arrived."""
        pending, self._pending = self._pending, OrderedDict()
        for _, settled in pending.values():
            settled(UnknownError(f"no confirm came before the connection was lost: {reason}"))

    def _on_return(
        self, _channel: Channel, method: Basic.Return, props: pika.BasicProperties, _body: bytes
    ) -> None:
        """The broker returns a message before it confirms it, and the return names it by its id alone."""
        if props.message_id:
            self._returned[props.message_id] = f"{method.reply_text} ({method.routing_key})"

    def _confirmed(self, last: int, multiple: bool) -> None:  # noqa: FBT001 - as the broker says it
        for publication, settled in self._answered(last, multiple=multiple):
            returned = self._returned.pop(publication.message.message_id, None) if self._returned else None
            settled(UnroutableError(f"no queue takes the message: {returned}") if returned else None)

    def _refused(self, frame: Method) -> None:
        for publication, settled in self._answered(frame.method.delivery_tag, multiple=frame.method.multiple):
            self._returned.pop(publication.message.message_id, None)
            settled(NackedError("the broker refused the message"))

    def _answered(self, last: int, *, multiple: bool) -> list[tuple[Publication, Settled]]:
        first = next(iter(self._pending), last) if multiple else last
        return [self._pending.pop(tag) for tag in range(first, last + 1) if tag in self._pending]
