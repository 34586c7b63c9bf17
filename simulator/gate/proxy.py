"""What stands before the portal: it may redirect everything, answer a page of its own, or close the socket."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from waitress.channel import ClientDisconnected

from simulator.faults import Faults
from simulator.portal.moods import Moods

WsgiApp = Callable[..., Iterable[bytes]]

API = "/api/2.0/"
OWN = ("/simulator/", "/healthz")
"""The simulator's handles, and its page at /, are never behind it."""
PAGE = (
    b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>We will be back soon</h1></body></html>"
)


def behind(app: WsgiApp, faults: Faults, moods: Moods) -> WsgiApp:
    """Waitress takes ClientDisconnected for a client that has gone: it closes, and writes nothing."""

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
    """An answer without a body has no content type, which the framework cannot be told."""

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        return start_response(status, [pair for pair in headers if pair[1] or pair[0] != "content-type"], *more)

    return start


def _answer(
    start_response: Callable[..., Any], code: int, body: bytes, headers: list[tuple[str, str]]
) -> list[bytes]:
    start_response(f"{code} {HTTPStatus(code).phrase}", [*headers, ("Content-Length", str(len(body)))])
    return [body]
