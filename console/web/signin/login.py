"""Signing in with a name and a password, and signing out."""

import math

import structlog

from console.web import cookies
from console.web.passwords import is_right
from console.web.signin.record import recorded
from console.web.site import Answer, Page, Redirect, RefusedError, Site, Visit
from shared.store.people.people import folded
from shared.store.people.person import Person

log = structlog.get_logger()

UNAUTHORIZED, FORBIDDEN, TOO_MANY = 401, 403, 429


def register(site: Site) -> None:
    site.get("/login", show)
    site.post("/login", sign_in)
    site.post("/logout", sign_out)


def show(visit: Visit) -> Page:
    return _page(visit, to=visit.first("to", "/"))


def sign_in(visit: Visit) -> Answer:
    if not visit.keeps_cookies:
        raise RefusedError(FORBIDDEN, why_not_kept(visit))
    name, to = visit.given("name"), visit.given("to", "/")
    attempts, people = visit.context.membership.attempts, visit.context.membership.people
    wait_s = math.ceil(attempts.begin(folded(name), visit.address, visit.now))
    if wait_s > 0:
        said = visit.words.ngettext(
            "Too many attempts: try again in %(n)s second.",
            "Too many attempts: try again in %(n)s seconds.",
            wait_s,
        ) % {"n": wait_s}
        return _page(visit, to, said, name, status=TOO_MANY, wait_s=wait_s)
    if not is_right(visit.form.get("password", [""])[0], people.password(name)):
        log.info("web.sign_in_refused", address=visit.address)
        return _page(visit, to, _not_together(visit), name, status=UNAUTHORIZED)
    attempts.succeeded(folded(name), visit.address)
    person = people.find(name)
    if person is None:  # removed this moment
        return _page(visit, to, _not_together(visit), name, status=UNAUTHORIZED)
    return signed_in(visit, person, to)


def sign_out(visit: Visit) -> Redirect:
    if visit.person is not None and visit.session is not None:
        visit.context.membership.sessions.end(visit.person.name, visit.session)
    return Redirect("/login", cookies.taken_away(visit))


def signed_in(visit: Visit, person: Person, to: str) -> Redirect:
    """Begins a session, and goes where the person wanted to go."""
    with recorded(visit, "sign in", person.name, by=person.name):
        token = visit.context.membership.sessions.begin(
            person.name, visit.now, address=visit.address, agent=visit.agent
        )
    return Redirect(_ours(to), cookies.kept(token, visit))


def why_not_kept(visit: Visit) -> str:
    return visit._(
        "this page came over plain http from another computer, so anybody on the way could take over your "
        "session: nobody can be kept signed in here. Open the console on the machine that it runs on, through an "
        "SSH tunnel, or over https by a proxy in front of it (WEB_PUBLIC_URL)"
    )


def _not_together(visit: Visit) -> str:
    return visit._("This name and this password do not belong together.")


def _page(
    visit: Visit, to: str, said: str = "", name: str = "", *, status: int = 200, wait_s: int | None = None
) -> Page:
    facts = {
        "said": said,
        "name": name,
        "to": _ours(to),
        "why_not": "" if visit.keeps_cookies else why_not_kept(visit),
        "nobody_is_there": not visit.context.membership.people.everybody(),
    }
    headers = {} if wait_s is None else {"Retry-After": str(wait_s)}
    return Page("login.html", visit._("Sign in"), facts, status, headers)


def _ours(to: str) -> str:
    """A path of this console: an address that leads elsewhere becomes the first page."""
    plain = to.isascii() and to.isprintable() and "\\" not in to
    return to if plain and to.startswith("/") and not to.startswith("//") else "/"
