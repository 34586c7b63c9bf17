"""A pika connection that reads and writes in bulk: pika itself reads 4 KiB at a time and goes frame by frame.

It overrides hooks that pika has for its adapters. What is written in one turn of the loop leaves in one piece.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

import pika

from shared.amqp.client import frames
from shared.amqp.client.frames import Confirm, Delivery
from shared.wire.message import Publication

READ_BYTES = 65_536
"""Some fifty deliveries, so that one wake-up and one write serve them all."""

OnConfirm = Callable[[int, bool], None]
"""Gets a delivery tag, and whether all before it are confirmed too."""


class Connection(pika.SelectConnection):  # type: ignore[misc]  # pika has no types that mypy may follow
    _frame_buffer: bytes

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._unsent: list[bytes] = []
        self._on_confirm: dict[int, OnConfirm] = {}
        super().__init__(*args, **kwargs)

    def on_confirm(self, channel_number: int, callback: OnConfirm) -> None:
        """`Basic.Ack` on this channel is for `callback`, and no longer for pika's."""
        self._on_confirm[channel_number] = callback

    def publish(self, channel_number: int, publication: Publication) -> None:
        """frames.UNSENDABLE for what cannot be sent at all; nothing is sent then."""
        most = self._body_max_length
        self._output_marshaled_frames([frames.publish(channel_number, publication, most, most)])

    def abort(self, reason: str) -> None:
        """Close the socket without a word: `close` waits for every channel, and one that hangs never answers."""
        self._terminate_stream(pika.exceptions.ConnectionClosedByClient(0, reason))

    def _proto_connection_made(self, transport: Any) -> None:
        transport._MAX_RECV_BYTES = READ_BYTES  # noqa: SLF001 - pika's own knob, without a public name
        self._unsent.clear()
        super()._proto_connection_made(transport)

    def _on_data_available(self, data_in: bytes) -> None:
        try:
            self._read(data_in)
        except pika.exceptions.AMQPError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug of ours in a callback: it ends the loop
            # pika would take it for the connection's end, without a word, and the next would come to the same
            self._adapter_call_later(0, partial(_raise, error))

    def _read(self, data_in: bytes) -> None:
        data = self._frame_buffer + data_in
        at = 0
        while at < len(data) and (length := self._take(data, at)):
            at += length
        self._frame_buffer = data
        self._trim_frame_buffer(at)

    def _take(self, data: bytes, at: int) -> int:
        """Handle what begins there; how long it is, or 0 if the rest has not come yet."""
        found = frames.read(data, at)
        if found is not None and self._handle(found):
            return found.length
        length: int
        length, frame = pika.frame.decode_frame(data[at:])
        if frame is not None:
            self._process_frame(frame)
        return length

    def _handle(self, found: Confirm | Delivery) -> bool:
        if isinstance(found, Delivery) and (channel := self._channels.get(found.channel)):
            channel._on_deliver(found, found, found.body)  # noqa: SLF001 - as pika's own reader does
            return True
        if isinstance(found, Confirm) and (callback := self._on_confirm.get(found.channel)):
            callback(found.tag, found.multiple)
            return True
        return False

    def _adapter_emit_data(self, data: bytes) -> None:
        if not self._unsent:
            self._adapter_call_later(0, self._send)  # once this turn's callbacks have run
        self._unsent.append(data)

    def _adapter_disconnect_stream(self) -> None:
        self._send()
        super()._adapter_disconnect_stream()

    def _send(self) -> None:
        unsent, self._unsent = self._unsent, []
        if unsent and self._transport is not None:
            self._transport.write(b"".join(unsent))
            self._transport._on_socket_writable()  # noqa: SLF001 - now, and not in the loop's next turn


def _raise(error: Exception) -> NoReturn:
    raise error
