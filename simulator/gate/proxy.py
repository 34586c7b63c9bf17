"""A proxy before the portal, which may redirect everything, answer a page of its own, or close the socket."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from waitress.channel import ClientDisconnected

from simulator.faults import Faults
from simulator.portal.moods import Moods

WsgiApp = Callable[..., Iterable[bytes]]

API = "/api/2.0/"
OWN = ("/simulator/", "/healthz")
"""The simulator's own routes, and its page at /, do not pass through the proxy."""
PAGE = (
    b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>We will be back soon</h1></body></html>"
)


def behind(app: WsgiApp, faults: Faults, moods: Moods) -> WsgiApp:
    """The app behind the proxy. On ClientDisconnected, waitress closes the socket and writes nothing."""

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path, mood = environ["PATH_INFO"], moods.now
        if path != "/" and not path.startswith(OWN):
            if mood.renamed:
                where = (
                    mood.renamed.rstrip("/") + path + (f"?{query}" if (query := environ["QUERY_STRING"]) else "")
                )
                return _answer(start_response, mood.redirect, b"", [("Location", where)])
            if mood.maintenance:
                kind = [("Content-Type", "text/html; charset=utf-8")]
                return _answer(start_response, mood.maintenance, PAGE, kind)
        if path.startswith(API):
            if faults.take_drop():
                raise ClientDisconnected
            if faults.take_dropped_answer():
                list(app(environ, lambda *_: None))
                raise ClientDisconnected
        return app(environ, _without_empty_type(start_response))

    return call


def _without_empty_type(start_response: Callable[..., Any]) -> Callable[..., Any]:
    """Removes an empty content type: answers without a body have none, but the framework always sends one."""

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        return start_response(status, [pair for pair in headers if pair[1] or pair[0] != "content-type"], *more)

    return start


def _answer(
    start_response: Callable[..., Any], code: int, body: bytes, headers: list[tuple[str, str]]
) -> list[bytes]:
    start_response(f"{code} {HTTPStatus(code).phrase}", [*headers, ("Content-Length", str(len(body)))])
    return [body]
