"""A pika connection that reads and writes in bulk: pika itself reads 4 KiB at a time and sends frame by frame.

It overrides hooks that pika has for its adapters. What is written in one turn of the loop leaves in one piece.
"""

from typing import Any

import pika

READ_BYTES = 16_384
"""A dozen deliveries, so that one wake-up and one write serve them all. 64 KiB cost more than they save: pika
copies what is left of the buffer for every frame."""


class Connection(pika.SelectConnection):  # type: ignore[misc]  # pika has no types that mypy may follow
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._unsent: list[bytes] = []
        super().__init__(*args, **kwargs)

    def abort(self, reason: str) -> None:
        """Close the socket without a word: `close` waits for every channel, and one that hangs never answers."""
        self._terminate_stream(pika.exceptions.ConnectionClosedByClient(0, reason))

    def _proto_connection_made(self, transport: Any) -> None:
        transport._MAX_RECV_BYTES = READ_BYTES  # noqa: SLF001 - pika's own knob, without a public name
        self._unsent.clear()
        super()._proto_connection_made(transport)

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
