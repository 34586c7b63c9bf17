"""Decides who is let in and what is answered, the same for both HTTP servers. No I/O."""

from collections.abc import Callable
from dataclasses import dataclass

import falcon
import structlog

from ingress.http.refusals import Refusals
from ingress.webhook import MAX_BODY_BYTES, received
from shared.docspace.signature import SIGNATURE_HEADER, signer
from shared.errors import TransientError
from shared.process.webhook_settings import PROBE
from shared.runtime.crash_points import CrashPoint, reached
from shared.runtime.metrics import Metrics
from shared.wire.message import Message

METHODS = ("GET", "HEAD", "POST")
OK = b'{"status":"ok"}'
"""As the contract spells it."""
BAD_SIGNATURE = "bad signature"
RETRY_AFTER_S = 5
PROBE_TYPE = f"webhook.{PROBE}"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ports:
    """What both apps are given, beside the function that publishes."""

    secrets: tuple[bytes, ...]
    """A webhook may be signed with any of them. If there are none, no signature is asked for (development only)."""
    clock: Callable[[], float]
    metrics: Metrics
    refusals: Refusals


class Reception:
    def __init__(self, ports: Ports) -> None:
        self._secrets = ports.secrets
        self._clock = ports.clock
        self._accepted = ports.metrics.settled.labels("accepted", "")
        self._refusals = ports.refusals
        self._signatures = ports.metrics.watch_signatures(len(ports.secrets))

    def refuse_long(self, length: int) -> None:
        """HTTPContentTooLarge if the body is too long, or its header says so. Then it is not read on."""
        if length > MAX_BODY_BYTES:
            raise falcon.HTTPContentTooLarge(title="The body is over 2 MiB")

    def message(self, req: falcon.Request, body: bytes) -> tuple[Message, int | None]:
        """The message to publish, and which secret signed it: 0 is the first, None if no signature is asked for.
        Raises HTTPUnauthorized and HTTPContentTooLarge.
        """
        self.refuse_long(len(body))
        secret = self._secret_of(req, body) if self._secrets else None
        message = received(body, self._clock())
        reached(CrashPoint.INGRESS_RECEIVED)
        return message, secret

    def _secret_of(self, req: falcon.Request, body: bytes) -> int:
        signature = req.get_header(SIGNATURE_HEADER)
        secret = signer(body, signature, self._secrets)
        if secret is None:
            if signature and PROBE.encode() not in body:
                self._signatures.refused.inc()
            self._refusals.note(BAD_SIGNATURE, req.remote_addr)
            raise falcon.HTTPUnauthorized(title="The signature is missing or wrong")
        return secret

    def refused(self, req: falcon.Request, error: falcon.HTTPError) -> None:
        """Count a refusal. A bad signature was counted before."""
        if not isinstance(error, falcon.HTTPUnauthorized | falcon.HTTPServiceUnavailable):
            self._refusals.note(str(error.status_code), req.remote_addr)

    def accepted(self, message: Message, secret: int | None, resp: falcon.Response) -> None:
        """Answer that the message is safe. The console's own test event is not counted, as the portal did not
        sign it.
        """
        self._accepted.inc()
        if secret is not None and message.type != PROBE_TYPE:
            self._signatures.accepted(secret, self._clock())
        log.info(
            "webhook.accepted",
            type=message.type,
            message_id=message.message_id,
            correlation_id=message.correlation_id,
        )
        say_ok(resp)


def not_taken(message: Message, error: TransientError) -> falcon.HTTPServiceUnavailable:
    log.warning("webhook.not_taken", reason=str(error), correlation_id=message.correlation_id)
    return _try_again()


def unexpected(error: Exception) -> Exception:
    """Answer a bug of ours so that DocSpace tries again. Falcon's own errors are answered as Falcon does."""
    if isinstance(error, falcon.HTTPError | falcon.HTTPStatus):
        return error
    log.error("webhook.failed", exc_info=error)
    return _try_again()


def say_ok(resp: falcon.Response) -> None:
    resp.content_type = falcon.MEDIA_JSON
    resp.data = OK


def _try_again() -> falcon.HTTPServiceUnavailable:
    return falcon.HTTPServiceUnavailable(title="Cannot take the event now", retry_after=RETRY_AFTER_S)
