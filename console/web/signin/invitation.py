"""The link that an invitation is. To open it changes nothing, as mail scanners open links; the form uses it up."""

from console.web.passwords import BadPasswordError, hash_for
from console.web.signin.login import signed_in, why_not_kept
from console.web.signin.record import recorded
from console.web.site import Answer, Page, RefusedError, Site, Visit
from shared.store.people.people import Invite

BAD, FORBIDDEN, GONE = 400, 403, 410


def register(site: Site) -> None:
    site.get("/invite/{token}", show)
    site.post("/invite/{token}", accept)


def show(visit: Visit) -> Page:
    return _page(visit, _invite(visit))


def accept(visit: Visit) -> Answer:
    if not visit.keeps_cookies:
        raise RefusedError(FORBIDDEN, why_not_kept(visit))
    invite = _invite(visit)
    password = None
    if invite.sets_password:
        typed, again = (visit.form.get(field, [""])[0] for field in ("password", "again"))
        if typed != again:
            return _page(visit, invite, visit._("the two passwords differ"))
        try:
            password = hash_for(typed, invite.person.name)
        except BadPasswordError as error:
            return _page(visit, invite, str(error))
    with recorded(visit, "accept invitation", invite.person.name, by=invite.person.name):
        if not visit.context.membership.people.accept(visit.values["token"], visit.now, password):
            raise RefusedError(GONE, _used_up(visit))
    return signed_in(visit, invite.person, "/")


def _invite(visit: Visit) -> Invite:
    invite = visit.context.membership.people.invited(visit.values["token"], visit.now)
    if invite is None:
        raise RefusedError(GONE, _used_up(visit))
    return invite


def _used_up(visit: Visit) -> str:
    return visit._("this link was used, or is older than ten minutes: ask for another one")


def _page(visit: Visit, invite: Invite, said: str = "") -> Page:
    facts = {"invite": invite, "said": said, "why_not": "" if visit.keeps_cookies else why_not_kept(visit)}
    return Page("invitation.html", visit._("Welcome"), facts, BAD if said else 200)
