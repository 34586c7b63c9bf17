"""Waitress's connection, request parser and listener, with limits.

The methods overridden here are internal to waitress: tests/unit/test_servers_inside.py checks that they exist.
"""

from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError, TransferEncodingNotImplemented
from waitress.server import TcpWSGIServer
from waitress.utilities import BadRequest, RequestEntityTooLarge

from ingress.http import request_head
from ingress.http.connections import ACCEPTS_AT_ONCE, LATE, Connections, Phase
from ingress.http.refusals import Refusals
from ingress.http.request_head import MAX_FRAMING_BYTES
from shared.network.listening import NO_FILES


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    completed: bool

    def received(self, data: bytes) -> int:
        consumed = int(super().received(data))
        receiver = self.body_rcv if self.chunked else None
        if receiver is not None and not self.completed:
            if len(receiver.control_line) + len(receiver.trailer) > MAX_FRAMING_BYTES:
                self.error = BadRequest("A chunk's framing is too long")
                self.completed = True
            elif receiver.chunk_remainder > self.adj.max_request_body_size:
                self.error = RequestEntityTooLarge("A chunk is too long")
                self.completed = True
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        """ParsingError, which is answered with 400. Waitress itself answers some faults with 501, and some with
        a traceback.
        """
        too_long = self.header_bytes_received >= self.adj.max_request_header_size  # then waitress refuses it itself
        if not too_long and (fault := request_head.fault(header_plus)):
            raise ParsingError(fault)
        try:
            super().parse_header(header_plus)
        except (ValueError, TransferEncodingNotImplemented) as error:
            raise ParsingError(str(error)) from error


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    parser_class = Parser

    def __init__(self, server: "Listener", *arguments: Any, **options: Any) -> None:
        super().__init__(server, *arguments, **options)
        server.connections.opened(self)

    def received(self, data: bytes) -> bool:
        taken = bool(super().received(data))
        self._moved()
        return taken

    def service(self) -> None:
        request = self.requests[0]
        if request.error:
            self.server.refusals.note(str(request.error.code), self.addr[0])
        super().service()
        self._moved()

    def handle_write(self) -> None:
        super().handle_write()
        self._moved()

    def handle_close(self) -> None:
        self.server.connections.closed(self)
        super().handle_close()

    def readable(self) -> bool:
        return self._fileno is not None and super().readable()

    def writable(self) -> bool:
        return self._fileno is not None and bool(super().writable())

    def give_up(self, phase: Phase, *, late: bool) -> None:
        if late and phase in (Phase.HEAD, Phase.BODY):
            self.send(LATE, do_close=False)
        self.handle_close()

    def _moved(self) -> None:
        request, held_bytes = self.request, 0
        if self.requests:
            phase = Phase.ANSWERING
        elif self.total_outbufs_len:
            phase = Phase.SENDING
        elif request is None:
            phase = Phase.IDLE
        elif request.headers_finished:
            phase, held_bytes = Phase.BODY, request.body_bytes_received
        else:
            phase = Phase.HEAD
        self.server.connections.moved(self, phase, held_bytes)


class Listener(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """Accepts connections while there is room, and goes on after the process had no file left for one."""

    channel_class = Channel

    def __init__(self, app: Any, connections: Connections, refusals: Refusals, **options: Any) -> None:
        self.connections = connections
        self.refusals = refusals
        self.full = False
        """Nothing can be accepted now."""
        self.no_files = False
        super().__init__(app, **options)

    def readable(self) -> bool:
        return bool(self.accepting) and not self.full

    def handle_accept(self) -> None:
        for _ in range(ACCEPTS_AT_ONCE):
            try:
                accepted = self.accept()
                if accepted is None:
                    return
                connection, address = accepted
                self.set_socket_options(connection)
            except OSError as error:  # if the client closed it already, that is no fault
                self.no_files = error.errno in NO_FILES
                return
            self.channel_class(self, connection, address, self.adj, map=self._map)
