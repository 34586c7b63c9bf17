"""Who gets in: signing in and out, invitations, one's own settings, and the people whom an admin sees."""

from collections.abc import Callable

from console.web.signin import audit, invitation, login, me, people
from console.web.site import Site

PAGES: tuple[Callable[[Site], None], ...] = (
    login.register,
    invitation.register,
    me.register,
    people.register,
    audit.register,
)
