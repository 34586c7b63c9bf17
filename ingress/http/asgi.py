"""The Falcon app for uvicorn: all requests are coroutines on one thread."""

from collections.abc import Awaitable, Callable

import falcon
import falcon.asgi

from ingress.http.reception import METHODS, Ports, Reception, not_taken, say_ok, unexpected
from ingress.webhook import MAX_BODY_BYTES
from shared.errors import TransientError
from shared.process.webhook_settings import PATH
from shared.wire.message import Message

App = falcon.asgi.App[falcon.asgi.Request, falcon.asgi.Response]
Publish = Callable[[Message], Awaitable[None]]
"""Like `ingress.http.app.Publish`, but awaited."""


class WebhookResource:
    """Like `ingress.http.app.WebhookResource`."""

    def __init__(self, reception: Reception, publish: Publish) -> None:
        self._reception = reception
        self._publish = publish

    async def on_get(self, _req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        say_ok(resp)

    on_head = on_get

    async def on_options(self, _req: falcon.asgi.Request, _resp: falcon.asgi.Response) -> None:
        raise falcon.HTTPMethodNotAllowed(METHODS)

    async def on_post(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        self._reception.refuse_long(req.content_length or 0)
        body = await req.stream.read(MAX_BODY_BYTES + 1)
        message, secret = self._reception.message(req, body)
        try:
            await self._publish(message)
        except TransientError as error:
            raise not_taken(message, error) from error
        self._reception.accepted(message, secret, resp)


def create_app(ports: Ports, publish: Publish) -> App:
    """Like `ingress.http.app.create_app`."""
    app: App = falcon.asgi.App()
    reception = Reception(ports)

    async def refused(
        req: falcon.asgi.Request,
        _resp: falcon.asgi.Response | None,
        error: falcon.HTTPError,
        _params: dict[str, object],
    ) -> None:
        reception.refused(req, error)
        raise error

    app.add_route(PATH, WebhookResource(reception, publish))
    app.add_error_handler(Exception, _unexpected)
    app.add_error_handler(falcon.HTTPError, refused)
    return app


async def _unexpected(
    _req: falcon.asgi.Request, _resp: falcon.asgi.Response | None, error: Exception, _params: dict[str, object]
) -> None:
    raise unexpected(error)
