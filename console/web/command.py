"""`intake web`: serves the web console. Wires it, no more."""

import contextlib
import time
from collections.abc import Mapping

import structlog
import typer

from console.settings import FAILED, settings_or_exit
from console.terminal.printing import complain
from console.web.app import App, create_app
from console.web.blocking import Pool
from console.web.door import Door
from console.web.live import Live
from console.web.pages import PAGES
from console.web.server import listening, serve
from console.web.settings import WebSettings
from console.web.site import Context
from console.web.zones import local_zone
from shared.process.logs import configure_logs
from shared.store.history.queries import Queries
from shared.store.history.store import Store
from shared.store.history.tables import Database
from shared.worker import Stop

SECRETS_OF_OTHERS = ("DOCSPACE_API_KEY", "DOCSPACE_WEBHOOK_SECRET")
"""What the pages have no use for, and so cannot lose."""

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
log = structlog.get_logger()


@app.callback()
def web(context: typer.Context) -> None:
    """Serve the web console, until SIGTERM.

    Nobody gets in whom you did not invite: `intake web invite` prints a link. It listens on 127.0.0.1 unless
    WEB_HOST says otherwise, and needs no key of the portal.

    \b
    Examples:
      intake web
      WEB_PORT=8090 intake web

    The database is found by DATABASE_URL, the broker by AMQP_URL. Exit codes: 0 ended by a signal, 1 the port
    cannot be had, 2 wrong settings.
    """  # noqa: D301 # click's mark for a paragraph that keeps its lines
    if context.invoked_subcommand is not None:
        return
    settings = settings_or_exit(WebSettings, context.obj)
    configure_logs("web", level=settings.log_level, log_format=settings.log_format)
    try:
        bound = listening(settings.web_host, settings.web_port)
    except OSError as error:
        complain(f"cannot listen on {settings.web_host}:{settings.web_port}: {error.strerror or error}")
        raise typer.Exit(FAILED) from None
    Stop().on_signals()
    url = settings.database_url.get_secret_value()
    pool = Pool()
    with contextlib.closing(Database(url)) as database, contextlib.closing(pool):
        log.info("web.started", host=settings.web_host, port=bound.getsockname()[1])
        serve(_application(settings, context.obj, database, pool), bound)
    log.info("web.stopped")


def _application(settings: WebSettings, environ: Mapping[str, str], database: Database, pool: Pool) -> App:
    context = Context(
        settings=settings,
        environ={name: value for name, value in environ.items() if not name.startswith(SECRETS_OF_OTHERS)},
        queries=Queries(database),
        clock=time.time,
        zone=local_zone(environ),
        position=lambda: position(database),
    )
    return create_app(context, _Nobody(), PAGES, Live(context.position, pool), pool)


def position(database: Database) -> str:
    """What the history has read of the stream: another text whenever it holds more. TransientError."""
    return str(Store(database).offset()) if database.has_history() else "none"


class _Nobody(Door):
    def who(self, _knock: object) -> None:
        return None
