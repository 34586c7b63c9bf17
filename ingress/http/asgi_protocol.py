"""Uvicorn's HTTP connection with limits. Like waitress, it passes a request on once all of it has arrived.

It parses and answers one request at a time; further bytes wait in the kernel. So an answer always belongs to the
request before it, and a client that sends many requests at once cannot fill the memory. The methods overridden here
are internal to uvicorn: tests/unit/test_servers_inside.py checks that they exist.
"""

import asyncio
from typing import Any

import httptools
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from ingress.http import request_head
from ingress.http.connections import LATE, Connections, Phase
from ingress.http.refusals import Refuse
from ingress.http.request_head import MAX_FRAMING_BYTES, MAX_HEAD_BYTES
from ingress.webhook import MAX_BODY_BYTES

END = b"\r\n\r\n"
BAD_REQUEST = "400 Bad Request"
BODY_TOO_LONG = "413 Content Too Large"
HEAD_TOO_LONG = "431 Request Header Fields Too Large"


class Protocol(HttpToolsProtocol):
    def __init__(self, connections: Connections, refuse: Refuse, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._joined: Joined
        self._open = connections
        self._refuse_to = refuse
        self._unread = bytearray()
        self._waiting: tuple[RequestResponseCycle, Any] | None = None
        """The request whose body has not arrived in full."""
        self._body_bytes: int | None = None
        """The length that its header gives; None if the body is chunked."""
        self._head_taken = False
        """The head was read. Fields after it are trailers, or follow a chunked body, and are ignored."""
        self._whole = False
        self._answering = False
        self._paused = False
        """Whether reading is paused."""
        self._half_closed = False
        self._framing_bytes = 0
        """Bytes of a chunked body's framing since its last byte of content."""
        self._raw_bytes = 0

    # ---- what the event loop calls ----

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        transport.set_write_buffer_limits(high=0)
        super().connection_made(transport)
        self.flow = _WriteFlow(transport)
        self.transport = self._joined = Joined(transport)
        self._open.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open.closed(self)
        self._unread.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        if not self._answering and not self.flow.write_paused:
            self._go_on()
        elif not self._paused:
            self._paused = True
            self._joined.pause_reading()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Stay open: a client that sent whole requests still gets its answers."""
        self._half_closed = True
        self.loop.call_soon(self._go_on)
        return True

    def pause_writing(self) -> None:
        super().pause_writing()
        if not self._answering:
            self._open.moved(self, Phase.SENDING)

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self._answering:
            self._go_on()

    def give_up(self, phase: Phase, *, late: bool) -> None:
        if late and phase in (Phase.HEAD, Phase.BODY):
            self.transport.write(LATE)
            self.transport.close()
        else:
            self.transport.abort()

    # ---- what uvicorn's part for a request calls ----

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._waiting = (cycle, app)  # until its body is there

    def on_message_begin(self) -> None:
        if not self._head_taken:
            super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._head_taken:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if not self._head_taken:
            self._head_taken = True
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._framing_bytes = 0
        if not self._whole:
            self.cycle.body += body

    def on_message_complete(self) -> None:
        self._whole = True

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        self._answering = False
        self._joined.flush()
        if self.transport.is_closing() or self.flow.write_paused:
            self._open.moved(self, Phase.SENDING)
        else:
            self.loop.call_soon(self._go_on)

    def shutdown(self) -> None:
        if self._answering:
            self.cycle.keep_alive = False
        else:
            self.transport.close()

    # ---- one request after the other ----

    def _go_on(self) -> None:
        if self._answering or self.flow.write_paused or self.transport.is_closing():
            return
        if self._waiting is None and not self._take_head():
            return
        if not self._take_body():
            return
        if self._waiting is not None:
            self._answer(*self._waiting)

    def _take_head(self) -> bool:
        unread = self._unread
        while unread.startswith(b"\r\n"):  # RFC 9112 2.2: an empty line before a request is passed over
            del unread[:2]
        end = unread.find(END)
        if (end if end >= 0 else len(unread)) + len(END) > MAX_HEAD_BYTES:
            return self._refuse(HEAD_TOO_LONG)
        if end < 0:
            return self._wait(Phase.HEAD if unread else Phase.IDLE)
        head = bytes(unread[: end + len(END)])
        del unread[: len(head)]
        if request_head.fault(head):
            return self._refuse(BAD_REQUEST)
        self._head_taken = self._whole = False
        self._framing_bytes = self._raw_bytes = 0
        self.parser = httptools.HttpRequestParser(self)
        try:
            self.parser.feed_data(head)
        except httptools.HttpParserError:
            return self._refuse(BAD_REQUEST)
        except httptools.HttpParserUpgrade:  # a server may ignore it
            pass
        if self._waiting is None:
            return self._refuse(BAD_REQUEST)
        return self._take_framing()

    def _take_framing(self) -> bool:
        """Read from the head where the body ends."""
        fields = dict(self.headers)
        chunked = b"transfer-encoding" in fields
        self._body_bytes = None if chunked else int(fields.get(b"content-length", b"0"))
        if (self._body_bytes or 0) > MAX_BODY_BYTES:
            return self._refuse(BODY_TOO_LONG)
        cycle = self.cycle
        if cycle.waiting_for_100_continue and not self._unread and (chunked or self._body_bytes):
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._joined.flush()
        cycle.waiting_for_100_continue = False
        if chunked:
            cycle.keep_alive = False  # what follows in the same piece was parsed with it
        return True

    def _take_body(self) -> bool:
        unread = self._unread
        if self._body_bytes is None:
            return self._take_chunks()
        if len(unread) < self._body_bytes:
            return self._wait(Phase.BODY, len(unread))
        self.cycle.body = unread[: self._body_bytes]
        del unread[: self._body_bytes]
        return True

    def _take_chunks(self) -> bool:
        piece = bytes(self._unread)
        self._unread.clear()
        self._raw_bytes += len(piece)
        self._framing_bytes += len(piece)
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserError:
            if not self._whole:
                return self._refuse(BAD_REQUEST)
        except httptools.HttpParserUpgrade:
            pass
        if self._raw_bytes > MAX_BODY_BYTES:
            return self._refuse(BODY_TOO_LONG)
        if self._whole:
            return True
        if self._framing_bytes > MAX_FRAMING_BYTES:
            return self._refuse(BAD_REQUEST)
        return self._wait(Phase.BODY, len(self.cycle.body))

    def _answer(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._waiting = None
        self._answering = True
        self._open.moved(self, Phase.ANSWERING)
        cycle.more_body = False
        cycle.message_event.set()
        super()._start_asgi_task(cycle, app)

    def _wait(self, phase: Phase, held_bytes: int = 0) -> bool:
        if self._half_closed:
            return self._end()
        self._open.moved(self, phase, held_bytes)
        if self._paused:
            self._paused = False
            self._joined.resume_reading()
        return False

    def _refuse(self, answer: str) -> bool:
        self._refuse_to(answer[:3], self.client[0] if self.client else None)
        head = f"HTTP/1.1 {answer}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        self.transport.write(head.encode())
        return self._end()

    def _end(self) -> bool:
        self._unread.clear()
        self._open.moved(self, Phase.SENDING)
        self.transport.close()
        return False


class _WriteFlow(FlowControl):
    """Keeps uvicorn from reading on whenever the app asks for the body, which has arrived in full by then."""

    def resume_reading(self) -> None:
        """Does nothing: `Protocol` alone decides when to read."""


class Joined(asyncio.Transport):
    """A transport that sends an answer's head and body in one piece: a write takes longer than making both."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._unsent: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._unsent.append(bytes(data))

    def flush(self) -> None:
        unsent, self._unsent = self._unsent, []
        if unsent and not self._transport.is_closing():  # the client may have gone in the meantime
            self._transport.write(b"".join(unsent))

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()
