"""The one cookie: the session's. No script reads it, and no other site's page sends it with a form."""

from collections.abc import Mapping

from console.web.door import PLAIN_COOKIE, SECURE_COOKIE
from console.web.site import Visit
from shared.store.people.sessions import LONGEST_S


def kept(token: str, visit: Visit) -> Mapping[str, str]:
    return {"Set-Cookie": f"{_name(visit)}={token}; Max-Age={LONGEST_S}{_marks(visit)}"}


def taken_away(visit: Visit) -> Mapping[str, str]:
    return {"Set-Cookie": f"{_name(visit)}=; Max-Age=0{_marks(visit)}"}


def _name(visit: Visit) -> str:
    return SECURE_COOKIE if visit.is_https else PLAIN_COOKIE


def _marks(visit: Visit) -> str:
    return "; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if visit.is_https else "")
