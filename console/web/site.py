"""What a page module is given: where it registers its views, and what they answer.

A view is a plain function that is given a `Visit` and returns a Page, a Redirect or a Download. It runs on a thread
of a bounded pool, so it may ask the database and the broker. An IntakeError that it raises is shown as a sentence.

    def register(site: Site) -> None:
        site.get("/rooms/{room}", show)

    def show(visit: Visit) -> Page:
        room = visit.values["room"]
        return Page("room.html", visit._("Room"), {"room": room})

Its template is in `console/web/pages/templates` and extends `base.html`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from zoneinfo import ZoneInfo

from console.web.roles import NEEDED, Route
from console.web.settings import WebSettings
from console.web.translations import Translations
from shared.store.audit.store import AuditStore
from shared.store.history.queries import Queries
from shared.store.people.membership import Membership
from shared.store.people.person import Person, Role

OK = 200


@dataclass(frozen=True, slots=True)
class Page:
    template: str
    title: str
    facts: Mapping[str, object] = field(default_factory=dict)
    """What the template is given besides `visit`."""
    status: int = OK
    headers: Mapping[str, str] = field(default_factory=dict)
    live: bool = False
    """Its parts with `hx-trigger="intake:changed from:body"` load themselves anew when something changed."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """After an action, and to sign in: 303, so that the browser asks with GET."""

    to: str
    """A path of ours."""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Download:
    name: str
    content_type: str
    body: bytes


class RefusedError(Exception):
    """A view cannot do what was asked; `str()` says why, to the person."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


Answer = Page | Redirect | Download


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What all views share."""

    settings: WebSettings
    environ: Mapping[str, str]
    """As every command gets it, for the commands' own modules. No key of the portal is in it."""
    queries: Queries
    membership: Membership
    """People, sessions, and how often signing in failed."""
    audit: AuditStore
    clock: Callable[[], float]
    """Seconds since the epoch."""
    zone: ZoneInfo
    """Of who has chosen none."""
    position: Callable[[], str] = field(default=lambda: "")
    """The cursor of the history: another one whenever something was added. TransientError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request, by somebody who may make it."""

    context: Context
    person: Person | None
    """None on the pages of those who are not signed in yet."""
    path: str
    query: Mapping[str, Sequence[str]]
    """What stands behind the `?`. `first` gives one."""
    form: Mapping[str, Sequence[str]]
    values: Mapping[str, str]
    """What stands in the path, by the names in the route."""
    now: float
    zone: ZoneInfo
    words: Translations
    cursor: str = ""
    """The history's, from before the view looked at it."""
    address: str
    """Of the person's computer, as far as it is known."""
    agent: str = ""
    """What the browser calls itself."""
    origin: str = ""
    """Our own address, as the browser has it: `https://intake.example.com`."""
    session: str | None = None
    """The session's public id."""
    keeps_cookies: bool = True
    """Whether somebody can be kept signed in: on https, and on this machine."""
    is_https: bool = False

    def _(self, text: str) -> str:
        return self.words.gettext(text)

    def first(self, name: str, default: str = "") -> str:
        """Of the address; stripped."""
        return (self.query.get(name) or [default])[0].strip()

    def given(self, name: str, default: str = "") -> str:
        """Of the form; stripped."""
        return (self.form.get(name) or [default])[0].strip()

    def may(self, method: str, route: str) -> bool:
        """Whether this person may do that: for buttons. The gate asks again."""
        needed = NEEDED[method, route]
        return needed is None or (self.person is not None and self.person.role.may(needed))

    @property
    def role(self) -> Role:
        return self.person.role if self.person else Role.VIEWER


View = Callable[[Visit], Answer]
V = TypeVar("V", bound=View)


class Site:
    """The views by route, as the page modules register them."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.views: dict[Route, View] = {}

    def get(self, path: str, view: View) -> None:
        """A page. KeyError where `console.web.roles` does not say who may see it."""
        self._add("GET", path, view)

    def post(self, path: str, view: View) -> None:
        """An action; as `get`."""
        self._add("POST", path, view)

    def has(self, path: str) -> bool:
        return ("GET", path) in self.views

    def _add(self, method: str, path: str, view: View) -> None:
        if (method, path) not in NEEDED:
            raise KeyError(f"{method} {path}: console/web/roles.py does not say which role it needs")
        if (method, path) in self.views:
            raise ValueError(f"{method} {path} is registered twice")
        self.views[method, path] = view
