"""Closes the socket without an answer: before the call, or after it was carried out."""

from collections.abc import Callable, Iterable
from typing import Any

from waitress.channel import ClientDisconnected

from simulator.access import API
from simulator.faults import Faults

WsgiApp = Callable[..., Iterable[bytes]]


def dropping(app: WsgiApp, faults: Faults) -> WsgiApp:
    """Waitress takes ClientDisconnected for a client that has gone: it closes, and writes nothing."""

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(API):
            if faults.take_drop():
                raise ClientDisconnected
            if faults.take_dropped_answer():
                list(app(environ, lambda *_: None))
                raise ClientDisconnected
        return app(environ, start_response)

    return call
