"""The Falcon app for waitress: each request is a fiber, which waits until its message is safe."""

from collections.abc import Callable

import falcon

from ingress.http.reception import METHODS, Ports, Reception, not_taken, say_ok, unexpected
from ingress.webhook import MAX_BODY_BYTES
from shared.errors import TransientError
from shared.process.webhook_settings import PATH
from shared.wire.message import Message

App = falcon.App[falcon.Request, falcon.Response]
Publish = Callable[[Message], None]
"""Returns once the message is safe; raises TransientError if it is not."""


class WebhookResource:
    """DocSpace checks the address with HEAD and GET, and delivers with POST."""

    def __init__(self, reception: Reception, publish: Publish) -> None:
        self._reception = reception
        self._publish = publish

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        say_ok(resp)

    on_head = on_get

    def on_options(self, _req: falcon.Request, _resp: falcon.Response) -> None:
        raise falcon.HTTPMethodNotAllowed(METHODS)

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        self._reception.refuse_long(req.content_length or 0)
        body = req.bounded_stream.read(MAX_BODY_BYTES + 1)
        message, secret = self._reception.message(req, body)
        try:
            self._publish(message)
        except TransientError as error:
            raise not_taken(message, error) from error
        self._reception.accepted(message, secret, resp)


def create_app(ports: Ports, publish: Publish) -> App:
    """An app with the webhook's route alone."""
    app: App = falcon.App()
    reception = Reception(ports)

    def refused(
        req: falcon.Request, _resp: falcon.Response, error: falcon.HTTPError, _params: dict[str, object]
    ) -> None:
        reception.refused(req, error)
        raise error

    app.add_route(PATH, WebhookResource(reception, publish))
    app.add_error_handler(Exception, _unexpected)
    app.add_error_handler(falcon.HTTPError, refused)
    return app


def _unexpected(_req: falcon.Request, _resp: falcon.Response, error: Exception, _params: dict[str, object]) -> None:
    raise unexpected(error)
