"""`intake web`: serves the web console. Wires it, no more."""

import contextlib
import getpass
import threading
import time
from collections.abc import Mapping
from functools import partial
from typing import Annotated

import structlog
import typer

from console.actions.run import work_off
from console.actions.site import Site as ActionSite
from console.settings import FAILED, USAGE, settings_or_exit
from console.terminal.printing import complain, say, say_json
from console.web.app import create_app
from console.web.blocking import Pool
from console.web.door import PeoplesDoor
from console.web.live import Live
from console.web.pages import PAGES
from console.web.server import listening, serve
from console.web.settings import WebSettings
from console.web.signin import PAGES as SIGNIN
from console.web.site import Context
from console.web.zones import local_zone
from shared.errors import IntakeError
from shared.network.urls import in_url
from shared.process.logs import configure_logs
from shared.store.audit.store import AuditStore, Person, Through
from shared.store.history.queries import Queries
from shared.store.history.store import Store
from shared.store.history.tables import Database
from shared.store.people.membership import Membership
from shared.store.people.people import INVITED_S, BadNameError, checked_name
from shared.store.people.person import Role
from shared.threads import vital
from shared.threads.stop import Stop
from shared.threads.vital import Then

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
    with (
        contextlib.closing(Database(url)) as database,
        contextlib.closing(Membership(url)) as membership,
        contextlib.closing(AuditStore(url)) as audit,
        contextlib.closing(pool),
    ):
        shared = _context(settings, context.obj, database, membership, audit)
        live = Live(shared.position, pool)
        pages = (*PAGES, *SIGNIN)
        application = create_app(shared, PeoplesDoor(settings, membership), pages, live, pool)
        place = ActionSite(settings.amqp_urls, url, settings.retry_delays_s, settings.stages)
        ending = threading.Event()
        vital.start("actions", partial(work_off, place, ending.wait), then=Then.RESTART)
        log.info("web.started", host=settings.web_host, port=bound.getsockname()[1])
        serve(application, bound, live.end)
        ending.set()
    log.info("web.stopped")


@app.command()
def invite(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Option(help="Of the person. If there is one of that name, a new password.")],
    role: Annotated[Role, typer.Option(help="What they may do; each may do what those before it may.")],
    sign_in_only: Annotated[
        bool, typer.Option("--sign-in-only", help="The link signs in once, and sets no password.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Print a link by which a person gets into the web console; it works once, for ten minutes.

    Whoever opens it chooses a password. It needs the database alone; the web console may start later.

    \b
    Examples:
      intake web invite --name ada --role admin
      intake web invite --name ada --role admin --sign-in-only

    Its address is WEB_PUBLIC_URL, or else WEB_HOST and WEB_PORT. Exit codes: 0 done, 1 the database failed, 2 wrong
    usage or settings.
    """  # noqa: D301 # as above
    settings = settings_or_exit(WebSettings, context.obj)
    try:
        shown, url = checked_name(name), settings.database_url.get_secret_value()
        by = Person(_whoever_is_here(), Through.COMMAND_LINE)
        with contextlib.closing(Membership(url)) as membership, contextlib.closing(AuditStore(url)) as audit:
            entry = audit.begin(by, "invite", shown, {"role": role})
            token = membership.people.invite(shown, role, time.time(), by=str(by), sets_password=not sign_in_only)
            audit.end(entry, "done")
    except BadNameError as error:
        complain(error)
        raise typer.Exit(USAGE) from None
    except IntakeError as error:
        complain(error)
        raise typer.Exit(FAILED) from None
    link = f"{_address(settings)}/invite/{token}"
    if as_json:
        say_json({"name": name, "role": role, "link": link, "works_for_s": INVITED_S})
    else:
        say(link)


def _whoever_is_here() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def _address(settings: WebSettings) -> str:
    if settings.web_public_url:
        return settings.web_public_url.rstrip("/")
    host = "127.0.0.1" if settings.web_host in {"", "0.0.0.0", "::"} else settings.web_host  # noqa: S104 - compared
    return f"http://{in_url(host)}:{settings.web_port}"


def _context(
    settings: WebSettings, environ: Mapping[str, str], database: Database, membership: Membership, audit: AuditStore
) -> Context:
    return Context(
        settings=settings,
        environ={name: value for name, value in environ.items() if not name.startswith(SECRETS_OF_OTHERS)},
        queries=Queries(database),
        membership=membership,
        audit=audit,
        clock=time.time,
        zone=local_zone(environ),
        position=lambda: position(database),
    )


def position(database: Database) -> str:
    """What the history has read of the stream: another text whenever it holds more. TransientError."""
    return str(Store(database).offset()) if database.has_history() else "none"
