"""The same for uvicorn: one thread, where a request that waits costs nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import falcon
import falcon.asgi

from ingress.reception import METHODS, Ports, Reception, not_taken, say_ok, unexpected
from ingress.webhook import MAX_BODY_BYTES
from shared.errors import TransientError
from shared.health import Healthz, MetricsPage, Readyz
from shared.message import Message
from shared.webhook_settings import PATH

App = falcon.asgi.App[falcon.asgi.Request, falcon.asgi.Response]
Publish = Callable[[Message], Awaitable[None]]
"""As `ingress.app.Publish`, awaited."""


class WebhookResource:
    """As `ingress.app.WebhookResource`."""

    def __init__(self, reception: Reception, publish: Publish) -> None:
        self._reception = reception
        self._publish = publish

    async def on_get(self, _req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        say_ok(resp)

    on_head = on_get

    async def on_options(self, _req: falcon.asgi.Request, _resp: falcon.asgi.Response) -> None:
        raise falcon.HTTPMethodNotAllowed(METHODS)

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        length = req.content_length or 0
        self._reception.refuse_long(length)
        body = await req.stream.read(MAX_BODY_BYTES + 1)
        if len(body) < length:  # waitress hands on whole requests alone
            raise falcon.HTTPBadRequest(title="The body ended too early")
        message, secret = self._reception.message(req, body)
        try:
            await self._publish(message)
        except TransientError as error:
            raise not_taken(message, error) from error
        self._reception.accepted(message, secret, resp)


class _Page(Protocol):
    def on_get(self, req: falcon.Request, resp: falcon.Response, /) -> None: ...


class _OnAThread:
    """A health page, whose checks may wait for a disk."""

    def __init__(self, page: _Page) -> None:
        self._page = page

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        await asyncio.to_thread(self._page.on_get, req, resp)


def create_app(ports: Ports, publish: Publish) -> App:
    """As `ingress.app.create_app`."""
    app: App = falcon.asgi.App()
    app.add_route(PATH, WebhookResource(Reception(ports), publish))
    app.add_route("/healthz", _OnAThread(Healthz()))
    app.add_route("/readyz", _OnAThread(Readyz(ports.readiness)))
    app.add_route("/metrics", _OnAThread(MetricsPage(ports.readiness, ports.metrics)))
    app.add_error_handler(Exception, _unexpected)
    return app


async def _unexpected(
    _req: falcon.asgi.Request, _resp: falcon.asgi.Response | None, error: Exception, _params: dict[str, object]
) -> None:
    raise unexpected(error)
