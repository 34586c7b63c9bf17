"""Receives DocSpace's webhooks: verifies the signature, publishes the raw event, answers once it is safe."""

import asyncio
import functools
import os
import sys
import threading
import time
from pathlib import Path
from typing import Annotated, Literal

import structlog
from pydantic import Field

from ingress.http import app, asgi
from ingress.http.fibers import Fibers
from ingress.http.reception import Ports
from ingress.http.refusals import Refusals
from ingress.http.server import DRAIN_S, Server, WaitressServer
from ingress.outlet import Outlet
from ingress.spool import Spool
from ingress.spool_database import SpoolInUseError, SpoolPathError
from ingress.spool_files import LeftBehind
from shared.amqp.publisher import Publisher
from shared.amqp.topology import topology
from shared.process import gc_tuning
from shared.process.cli import BAD_SETTINGS, settings_or_exit
from shared.process.logs import configure_logs
from shared.process.settings import HealthPort, Process
from shared.process.webhook_settings import Webhooks
from shared.runtime.health import HealthServer, Readiness
from shared.runtime.metrics import Metrics
from shared.threads import vital, watchdog
from shared.threads.stop import Stop
from shared.threads.vital import Then
from shared.worker import TURN_S, process_name

log = structlog.get_logger()


class Settings(Process, Webhooks, HealthPort):
    ingress_server: Annotated[
        Literal["waitress", "uvicorn"],
        Field(
            description="waitress or uvicorn. Uvicorn gives the same answers with the same bounds, "
            "faster. The image has it; elsewhere install the extra asgi"
        ),
    ] = "waitress"
    confirm_timeout_s: Annotated[
        float,
        Field(
            gt=0,
            le=60,
            description="how long the broker may take to confirm before the ingress uses its spool",
        ),
    ] = 1.0
    spool_path: Annotated[
        Path,
        Field(
            description="the ingress's own store while the broker is away. Several ingresses may name the same "
            "one on one disk: each takes a file of its own beside it (spool-2.db, spool-3.db)"
        ),
    ] = Path("var/spool.db")
    spool_max_bytes: Annotated[
        int,
        Field(
            ge=0,
            description="how large the spool may grow, of each ingress if there are several. When it is full, the "
            "ingress answers 503",
        ),
    ] = 1024**3


def main() -> int:
    settings = settings_or_exit(Settings, "ingress", __doc__ or "", sys.argv[1:], os.environ)
    configure_logs("ingress", level=settings.log_level, log_format=settings.log_format)
    metrics = Metrics()
    fibers = Fibers() if settings.ingress_server == "waitress" else None
    try:
        loop = _uvicorn_loop() if settings.ingress_server == "uvicorn" else None
    except ImportError:
        sys.stderr.write("ingress: INGRESS_SERVER uvicorn: it is not installed: pip install '.[asgi]'\n")
        return BAD_SETTINGS
    new_event = fibers.event if fibers else threading.Event
    publisher = Publisher(
        settings.amqp_urls,
        topology(settings.retry_delays_s, settings.stages),
        process_name("ingress"),
        metrics,
        new_event=new_event,
        loop=loop,
    )
    try:
        spool = Spool(settings.spool_path, settings.spool_max_bytes, new_event)
    except (SpoolInUseError, SpoolPathError) as error:
        sys.stderr.write(f"ingress: SPOOL_PATH: {error}\n")
        return BAD_SETTINGS
    left_behind = LeftBehind(settings.spool_path)
    metrics.watch_spool(
        lambda: len(spool) + len(left_behind),
        lambda: max(spool.oldest_age_s(), left_behind.oldest_age_s()),
        lambda: spool.set_aside_count + left_behind.set_aside_count,
        lambda: spool.check() is None,
    )
    outlet = Outlet(publisher, spool, left_behind, settings.confirm_timeout_s)
    stop = Stop()
    checks = {"events": outlet.check, "stopping": lambda: "stopping" if stop.asked else None}
    readiness = Readiness(checks, metrics, notes={"spool": spool.check})
    ports = Ports(settings.secrets, time.time, metrics, Refusals(metrics))
    try:
        server = _server(settings, ports, outlet, fibers, loop)
    except OSError as error:
        where = f"{settings.ingress_host}:{settings.ingress_port}"
        sys.stderr.write(f"ingress: cannot listen on {where}: {error.strerror}\n")
        return BAD_SETTINGS
    if settings.health_port and not _health_is_served(settings, readiness, metrics):
        return BAD_SETTINGS
    stop.on_signals()
    vital.on_death(stop.ask)
    gc_tuning.calm()
    watchdog.turned()
    publisher.start()
    outlet.start()
    serving = vital.start("http", functools.partial(_serve, server, stop), then=Then.END)
    log.info("worker.started", host=settings.ingress_host, port=server.port, server=settings.ingress_server)
    if os.environ.get("INGRESS_THREADS"):
        log.warning("setting.ignored", name="INGRESS_THREADS", reason="webhooks no longer need threads")
    if not settings.secrets:
        log.warning("signatures.off", reason="ALLOW_UNSIGNED is true and no secret is set")
    while not stop.wait(TURN_S):
        watchdog.turned()
    if vital.died.is_set() or not serving.is_alive():
        return 1
    log.info("worker.stopping")
    server.stop()
    serving.join(DRAIN_S)
    outlet.stop(timeout_s=1)
    publisher.close(timeout_s=2)
    spool.close()
    log.info("worker.stopped")
    return 0


def _serve(server: Server, stop: Stop) -> None:
    server.run()
    stop.ask()  # the main loop is not to sleep on if the server has ended by itself


def _health_is_served(settings: Settings, readiness: Readiness, metrics: Metrics) -> bool:
    try:
        HealthServer(settings.health_host, settings.health_port, readiness, metrics).start()
    except OSError as error:
        sys.stderr.write(f"ingress: HEALTH_PORT {settings.health_port} cannot be had: {error.strerror}\n")
        return False
    return True


def _uvicorn_loop() -> asyncio.AbstractEventLoop:
    from ingress.http.asgi_server import event_loop  # noqa: PLC0415 - an extra

    return event_loop()


def _server(
    settings: Settings, ports: Ports, outlet: Outlet, fibers: Fibers | None, loop: asyncio.AbstractEventLoop | None
) -> Server:
    host, port = settings.ingress_host, settings.ingress_port
    if loop is not None:
        from ingress.http.asgi_server import UvicornServer  # noqa: PLC0415 - an extra

        return UvicornServer(asgi.create_app(ports, outlet.publish_async), host, port, loop, ports.refusals)
    return WaitressServer(app.create_app(ports, outlet.publish), host, port, fibers or Fibers(), ports.refusals)


if __name__ == "__main__":
    raise SystemExit(main())
