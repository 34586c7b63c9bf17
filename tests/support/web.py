"""The web console's application as a test asks it: real views, templates and databases, no socket."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from falcon.testing import Result, TestClient

from console.web.app import App, create_app
from console.web.blocking import Pool
from console.web.command import position
from console.web.door import Door, Entered, Knock, PeoplesDoor
from console.web.live import Live
from console.web.pages import PAGES
from console.web.roles import Route
from console.web.settings import WebSettings
from console.web.signin import PAGES as SIGNIN
from console.web.site import Context, Site
from shared.process.settings import load
from shared.store.audit.store import AuditStore
from shared.store.history.queries import Queries
from shared.store.history.tables import Database
from shared.store.people.membership import Membership
from shared.store.people.person import Person, Role

HOST, PORT = "127.0.0.1", 8081
_OPENED: list[Callable[[], None]] = []
ZONE = ZoneInfo("Europe/Berlin")


def close_all() -> None:
    """What a test's browsers opened; tests/contract/web does it after each test."""
    while _OPENED:
        _OPENED.pop()()


def membership_of(database_url: str) -> Membership:
    """Closed with the browsers."""
    membership = Membership(database_url)
    _OPENED.append(membership.close)
    return membership


def registered() -> set[Route]:
    """All routes of the web console."""
    site = Site(context_of({}))
    for register in (*PAGES, *SIGNIN):
        register(site)
    return set(site.views)


class SignedIn(Door):
    """Everybody is this person, as after signing in."""

    def __init__(self, role: Role = Role.ADMIN) -> None:
        self._person = Person(name="ada", role=role)

    def who(self, _knock: Knock) -> Entered | None:
        return Entered(self._person, "here")


class Browser:
    """Keeps its cookies, and says of each request that it comes from a page of ours. Follows no redirect."""

    def __init__(
        self, app: App, *, host: str = HOST, port: int = PORT, headers: Mapping[str, str] | None = None
    ) -> None:
        self._client = TestClient(app)
        self._host, self._port = host, port
        self._headers = {"Sec-Fetch-Site": "same-origin"} if headers is None else dict(headers)
        self.cookies: dict[str, str] = {}

    def get(self, address: str, *, headers: Mapping[str, str] | None = None) -> Result:
        return self._ask("GET", address, {}, headers)

    def post(
        self, address: str, form: Mapping[str, object] | None = None, *, headers: Mapping[str, str] | None = None
    ) -> Result:
        return self._ask("POST", address, form or {}, headers)

    def _ask(
        self, method: str, address: str, form: Mapping[str, object], headers: Mapping[str, str] | None
    ) -> Result:
        path, _, query = address.partition("?")
        answer = self._client.simulate_request(
            method,
            path,
            query_string=query,
            host=self._host,
            port=self._port,
            body=urlencode(form, doseq=True) if form else None,
            headers={
                **self._headers,
                **({"Content-Type": "application/x-www-form-urlencoded"} if form else {}),
                **(headers or {}),
            },
            cookies=self.cookies,
        )
        for name, cookie in answer.cookies.items():
            if cookie.max_age == 0:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = cookie.value
        return answer


def browser(
    database_file: Path,
    *,
    role: Role | None = Role.ADMIN,
    pages: Sequence[Callable[[Site], None]] = PAGES,
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.time,
    host: str = HOST,
    port: int = PORT,
    headers: Mapping[str, str] | None = None,
) -> Browser:
    """One who has signed in with that role; with None, nobody, who signs in by the pages if at all.

    `database_file` is SQLite's; what is in `environ` beside it is as the command `web` gets it.
    """
    environ = {"DATABASE_URL": f"sqlite:///{database_file}", **(environ or {})}
    context = context_of(environ, clock)
    pool = Pool()
    _OPENED.append(pool.close)
    door = door_of(context) if role is None else SignedIn(role)
    app = create_app(context, door, (*pages, *SIGNIN), Live(context.position, pool), pool)
    return Browser(app, host=host, port=port, headers=headers)


def context_of(environ: Mapping[str, str], clock: Callable[[], float] = time.time) -> Context:
    """Closed with the browsers."""
    settings = load(WebSettings, environ)
    database = Database(settings.database_url.get_secret_value())
    membership = Membership(settings.database_url.get_secret_value())
    audit = AuditStore(settings.database_url.get_secret_value())
    _OPENED.extend((membership.close, audit.close, database.close))
    return Context(
        settings=settings,
        environ=environ,
        queries=Queries(database),
        membership=membership,
        audit=audit,
        clock=clock,
        zone=ZONE,
        position=lambda: position(database),
    )


def door_of(context: Context) -> PeoplesDoor:
    """The real one."""
    return PeoplesDoor(context.settings, context.membership, context.clock)
