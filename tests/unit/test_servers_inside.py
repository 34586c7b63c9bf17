"""What the ingress overrides inside waitress and uvicorn is there, and is called as the ingress takes it."""

import inspect

import httptools
import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.receiver import ChunkedReceiver
from waitress.server import TcpWSGIServer
from waitress.wasyncore import dispatcher

from ingress.http.acceptor import Acceptor
from ingress.http.asgi_protocol import Protocol
from ingress.http.channel import Channel, Listener, Parser


@pytest.mark.parametrize(
    ("ours", "theirs", "added"),
    [
        (Parser, HTTPRequestParser, set()),
        (Channel, HTTPChannel, {"give_up", "_moved"}),
        (Listener, TcpWSGIServer, set()),
        (
            Protocol,
            HttpToolsProtocol,
            {"give_up", "_go_on", "_take_head", "_take_framing", "_take_body", "_take_chunks", "_answer", "_wait",
             "_refuse", "_end"},
        ),
    ],
)  # fmt: skip
def test_each_method_but_our_own_overrides_one_of_the_servers(ours: type, theirs: type, added: set[str]) -> None:
    methods = {name for name, value in vars(ours).items() if inspect.isfunction(value)} - {"__init__"}
    assert {name for name in methods if not hasattr(theirs, name)} == added
    for name in methods - added:
        assert list(inspect.signature(getattr(ours, name)).parameters) == list(
            inspect.signature(getattr(theirs, name)).parameters
        ), name


def test_what_is_used_inside_waitress_is_there() -> None:
    parser = HTTPRequestParser(Adjustments())
    assert not parser.chunked
    assert (parser.headers_finished, parser.body_bytes_received, parser.header_bytes_received) == (False, 0, 0)
    receiver = ChunkedReceiver(None)
    assert (receiver.control_line, receiver.trailer, receiver.chunk_remainder) == (b"", b"", 0)
    for name in ("send", "accept"):
        assert callable(getattr(dispatcher, name))
    channel = inspect.getsource(HTTPChannel)
    for name in ("self.requests", "self.total_outbufs_len", "self.request = self.parser_class(self.adj)"):
        assert name in channel
    assert "self.channel_class(self, conn, addr, self.adj, map=self._map)" in inspect.getsource(
        TcpWSGIServer.handle_accept
    )


def test_what_is_used_inside_uvicorn_is_there() -> None:
    assert "self.servers" in inspect.getsource(uvicorn.Server.startup)
    shutdown = inspect.getsource(uvicorn.Server.shutdown) + inspect.getsource(
        uvicorn.Server._wait_tasks_to_complete
    )
    assert {name for name in ("close", "wait_closed") if f"server.{name}()" in shutdown} == {"close", "wait_closed"}
    assert callable(Acceptor.close)
    assert callable(Acceptor.wait_closed)
    complete = inspect.getsource(HttpToolsProtocol.on_headers_complete)
    assert "self._start_asgi_task(self.cycle, app)" in complete
    assert "on_response=self.on_response_complete" in complete
    assert {"scope", "transport", "expect_100_continue", "keep_alive"} <= set(
        inspect.signature(RequestResponseCycle.__init__).parameters
    )
    cycle = inspect.getsource(RequestResponseCycle)
    for name in ("self.body", "self.more_body", "self.message_event", "self.keep_alive", "self.waiting_for_100"):
        assert name in cycle
    assert issubclass(httptools.HttpParserCallbackError, httptools.HttpParserError)
