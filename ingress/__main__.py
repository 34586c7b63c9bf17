"""Receives DocSpace's webhooks: verifies the signature, publishes the raw event, answers once the broker has it."""

import functools
import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import Annotated

import structlog
import waitress
from pydantic import Field, SecretStr

from ingress.app import Ports, create_app
from ingress.webhook import MAX_BODY_BYTES
from shared.amqp.publisher import Publisher
from shared.amqp.topology import topology
from shared.cli import BAD_SETTINGS, settings_or_exit
from shared.health import Readiness
from shared.logs import configure_logs
from shared.message import Message, Publication
from shared.metrics import Metrics
from shared.settings import Process
from shared.settle import EXCHANGE
from shared.worker import Stop, process_name

log = structlog.get_logger()


class Settings(Process):
    docspace_webhook_secret: Annotated[
        SecretStr, Field(description="one or more, comma-separated: any may match (rotation)")
    ] = SecretStr("")
    allow_unsigned: Annotated[bool, Field(description="development only: take webhooks without a secret")] = False
    ingress_host: Annotated[str, Field(description="address to listen on")] = "127.0.0.1"
    ingress_port: Annotated[int, Field(ge=0, le=65_535, description="port to listen on")] = 3000
    ingress_threads: Annotated[int, Field(ge=1, le=1024, description="requests answered at once")] = 64
    confirm_timeout_s: Annotated[
        float, Field(gt=0, le=60, description="how long the broker may take to confirm before the answer is 503")
    ] = 1.0

    @classmethod
    def problems(cls, values: Mapping[str, str]) -> list[str]:
        unsigned = values.get("allow_unsigned", "").lower() in {"true", "1", "yes", "on"}
        if unsigned or values.get("docspace_webhook_secret", "").strip(" ,"):
            return []
        required = "DOCSPACE_WEBHOOK_SECRET: required (or DOCSPACE_WEBHOOK_SECRET_FILE)"
        return [f"{required}; ALLOW_UNSIGNED=true goes without, for development only"]

    @property
    def secrets(self) -> tuple[bytes, ...]:
        listed = self.docspace_webhook_secret.get_secret_value().split(",")
        return tuple(secret.strip().encode() for secret in listed if secret.strip())


def main() -> int:
    settings = settings_or_exit(Settings, "ingress", __doc__ or "", sys.argv[1:], os.environ)
    configure_logs("ingress", level=settings.log_level, log_format=settings.log_format)
    metrics = Metrics()
    publisher = Publisher(settings.amqp_urls, topology(settings.retry_delays_s), process_name("ingress"), metrics)
    stop = Stop()
    readiness = Readiness(
        {"broker": publisher.check, "stopping": lambda: "stopping" if stop.asked else None}, metrics
    )

    def publish(message: Message) -> None:
        wanted = Publication(exchange=EXCHANGE, routing_key=message.type, message=message, mandatory=True)
        publisher.publish(wanted, settings.confirm_timeout_s)

    app = create_app(Ports(settings.secrets, publish, time.time, readiness, metrics))
    try:
        server = waitress.create_server(
            app,
            host=settings.ingress_host,
            port=settings.ingress_port,
            threads=settings.ingress_threads,
            # one more than ours: a body of just the limit is still taken, and ours is the limit that answers
            max_request_body_size=MAX_BODY_BYTES + 1,
            connection_limit=1000,
            asyncore_use_poll=True,
            ident=None,
        )
    except OSError as error:
        where = f"{settings.ingress_host}:{settings.ingress_port}"
        sys.stderr.write(f"ingress: cannot listen on {where}: {error.strerror}\n")
        return BAD_SETTINGS
    stop.on_signals()
    publisher.start()
    threading.Thread(target=functools.partial(_serve, server, stop), name="http", daemon=True).start()
    log.info("worker.started", host=settings.ingress_host, port=server.effective_port)
    if not settings.secrets:
        log.warning("signatures.off", reason="ALLOW_UNSIGNED is true and no secret is set")
    while not stop.wait(0.5):
        if publisher.died.is_set():
            return 1
    log.info("worker.stopping")
    server.task_dispatcher.shutdown(cancel_pending=False, timeout=5)  # what was accepted is answered
    server.close()
    publisher.close(timeout_s=2)
    log.info("worker.stopped")
    return 0


def _serve(server: waitress.server.BaseWSGIServer, stop: Stop) -> None:
    try:
        server.run()
    except Exception:
        if not stop.asked:
            raise


if __name__ == "__main__":
    raise SystemExit(main())
