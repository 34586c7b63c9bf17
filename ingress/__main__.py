"""Receives DocSpace's webhooks: verifies the signature, publishes the raw event, answers once it is safe."""

import functools
import os
import sys
import threading
import time
from pathlib import Path
from typing import Annotated

import structlog
import waitress
from pydantic import Field

from ingress.app import Ports, create_app
from ingress.outlet import Outlet
from ingress.spool import Spool, SpoolInUseError
from ingress.webhook import MAX_BODY_BYTES
from shared.amqp.publisher import Publisher
from shared.amqp.topology import topology
from shared.cli import BAD_SETTINGS, settings_or_exit
from shared.health import Readiness
from shared.logs import configure_logs
from shared.metrics import Metrics
from shared.settings import Process
from shared.webhook_settings import Webhooks
from shared.worker import Stop, process_name

log = structlog.get_logger()


class Settings(Process, Webhooks):
    ingress_threads: Annotated[int, Field(ge=1, le=1024, description="requests answered at once")] = 64
    confirm_timeout_s: Annotated[
        float, Field(gt=0, le=60, description="how long the broker may take to confirm before the spool is used")
    ] = 1.0
    spool_path: Annotated[Path, Field(description="the store while the broker is away; one for each process")] = (
        Path("var/spool.db")
    )
    spool_max_bytes: Annotated[int, Field(ge=0, description="its bound; then the answer is 503")] = 1024**3


def main() -> int:
    settings = settings_or_exit(Settings, "ingress", __doc__ or "", sys.argv[1:], os.environ)
    configure_logs("ingress", level=settings.log_level, log_format=settings.log_format)
    metrics = Metrics()
    publisher = Publisher(settings.amqp_urls, topology(settings.retry_delays_s), process_name("ingress"), metrics)
    try:
        spool = Spool(settings.spool_path, settings.spool_max_bytes)
    except (SpoolInUseError, OSError) as error:
        sys.stderr.write(f"ingress: SPOOL_PATH: {error}\n")
        return BAD_SETTINGS
    metrics.watch_spool(lambda: len(spool), spool.oldest_age_s)
    outlet = Outlet(publisher, spool, settings.confirm_timeout_s)
    stop = Stop()
    readiness = Readiness({"events": outlet.check, "stopping": lambda: "stopping" if stop.asked else None}, metrics)
    app = create_app(Ports(settings.secrets, outlet.publish, time.time, readiness, metrics))
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
    outlet.start()
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
    outlet.stop(timeout_s=1)
    publisher.close(timeout_s=2)
    spool.close()
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
