"""Whom an admin lets in, with which role, and whose sessions they end."""

from console.web.signin.record import recorded
from console.web.site import Page, Redirect, RefusedError, Site, Visit
from shared.store.people.people import BadNameError, checked_name, folded
from shared.store.people.person import Role

BAD, NOT_FOUND, CONFLICT = 400, 404, 409


def register(site: Site) -> None:
    site.get("/people", show)
    site.post("/people/invite", invite)
    site.post("/people/{name}/role", change_role)
    site.post("/people/{name}/sessions/end", end_sessions)
    site.post("/people/{name}/remove", remove)


def show(visit: Visit) -> Page:
    return _page(visit)


def invite(visit: Visit) -> Page:
    """The link is shown once, on this very page: in an address it would stay in the browser's history."""
    name, role = visit.given("name"), _role(visit)
    if _is_me(visit, name):
        raise RefusedError(CONFLICT, visit._("you cannot invite yourself: ask another admin"))
    try:
        name = checked_name(name)
    except BadNameError as error:
        raise RefusedError(BAD, str(error)) from None
    with recorded(visit, "invite", name, role=role):
        token = visit.context.membership.people.invite(name, role, visit.now, by=_by(visit))
    return _page(visit, link=f"{visit.origin}/invite/{token}", invited=name)


def change_role(visit: Visit) -> Redirect:
    name, role = _other(visit), _role(visit)
    with recorded(visit, "change role", name, role=role):
        visit.context.membership.people.put(name, role, visit.now)
    return Redirect("/people")


def end_sessions(visit: Visit) -> Redirect:
    name = visit.values["name"]
    with recorded(visit, "end sessions", name):
        visit.context.membership.sessions.end(name)
    return Redirect("/people")


def remove(visit: Visit) -> Redirect:
    name = _other(visit)
    with recorded(visit, "remove person", name):
        visit.context.membership.people.remove(name)
    return Redirect("/people")


def _page(visit: Visit, **more: str) -> Page:
    facts = {"members": visit.context.membership.people.everybody(), "roles": list(Role), "link": "", **more}
    return Page("people.html", visit._("People"), facts)


def _other(visit: Visit) -> str:
    """Somebody else whom there is: an admin who takes the own role away might be the last."""
    name = visit.values["name"]
    if _is_me(visit, name):
        raise RefusedError(CONFLICT, visit._("you cannot change yourself: ask another admin"))
    if visit.context.membership.people.find(name) is None:
        raise RefusedError(NOT_FOUND, visit._("there is nobody of that name"))
    return name


def _is_me(visit: Visit, name: str) -> bool:
    return folded(name) == folded(_by(visit))


def _by(visit: Visit) -> str:
    return visit.person.name if visit.person else ""


def _role(visit: Visit) -> Role:
    try:
        return Role(visit.given("role"))
    except ValueError:
        raise RefusedError(BAD, visit._("there is no such role")) from None
