"""The Falcon app: which answer each request gets. Testable without a socket or a broker."""

from collections.abc import Callable
from dataclasses import dataclass

import falcon
import structlog

from ingress.webhook import MAX_BODY_BYTES, SIGNATURE_HEADER, received, signed
from shared.errors import TransientError
from shared.health import Readiness, add_health_routes
from shared.message import Message
from shared.metrics import Metrics
from shared.webhook_settings import PATH

RETRY_AFTER_S = 5

App = falcon.App[falcon.Request, falcon.Response]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ports:
    """What the app needs of the world."""

    secrets: tuple[bytes, ...]
    """Any of them may have signed; none means that signatures are not asked for (development only)."""
    publish: Callable[[Message], None]
    """Returns once the message is safe; raises TransientError if it is not."""
    clock: Callable[[], float]
    readiness: Readiness
    metrics: Metrics


class WebhookResource:
    """DocSpace's side: HEAD and GET to check the address, POST to deliver."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {"status": "ok"}

    on_head = on_get

    def on_options(self, _req: falcon.Request, _resp: falcon.Response) -> None:
        raise falcon.HTTPMethodNotAllowed(["GET", "HEAD", "POST"])

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        body = self._body(req)
        if self._ports.secrets and not signed(body, req.get_header(SIGNATURE_HEADER), self._ports.secrets):
            log.warning("webhook.refused", reason="bad signature", remote=req.remote_addr)
            raise falcon.HTTPUnauthorized(title="The signature is missing or wrong")
        message = received(body, int(self._ports.clock()))
        try:
            self._ports.publish(message)
        except TransientError as error:
            log.warning("webhook.not_taken", reason=str(error), correlation_id=message.correlation_id)
            raise falcon.HTTPServiceUnavailable(
                title="Cannot take the event now", retry_after=RETRY_AFTER_S
            ) from error
        self._ports.metrics.settled.labels("accepted").inc()
        log.info(
            "webhook.accepted",
            type=message.type,
            message_id=message.message_id,
            correlation_id=message.correlation_id,
        )
        resp.media = {"status": "ok"}

    @staticmethod
    def _body(req: falcon.Request) -> bytes:
        """The raw bytes. One said to be too long is refused unread, one that turns out so is read no further."""
        if (req.content_length or 0) > MAX_BODY_BYTES:
            raise falcon.HTTPContentTooLarge(title="The body is over 2 MiB")
        body: bytes = req.bounded_stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise falcon.HTTPContentTooLarge(title="The body is over 2 MiB")
        return body


def create_app(ports: Ports) -> App:
    """The webhook route, and `/healthz`, `/readyz`, `/metrics` on the same port."""
    app: App = falcon.App()
    app.add_route(PATH, WebhookResource(ports))
    add_health_routes(app, ports.readiness, ports.metrics)
    app.add_error_handler(Exception, _unexpected)
    return app


def _unexpected(_req: falcon.Request, _resp: falcon.Response, error: Exception, _params: dict[str, object]) -> None:
    """A bug of ours: DocSpace shall try again."""
    if isinstance(error, falcon.HTTPError | falcon.HTTPStatus):
        raise error
    log.error("webhook.failed", exc_info=error)
    raise falcon.HTTPServiceUnavailable(title="Cannot take the event now", retry_after=RETRY_AFTER_S)
