"""The pages: each module has `register`, and PAGES says for all of them how."""

from collections.abc import Callable

from console.web.pages import (
    acting,
    activity,
    events,
    health,
    home,
    hooks,
    notifications,
    problems,
    raw,
    rooms,
    rules,
    rules_edit,
    rules_versions,
    setup,
    upload,
    uploads,
)
from console.web.pages.seen import watch
from console.web.site import Site


def register(site: Site) -> None:
    """All pages, with one watch between those that show how everything stands now."""
    seen = watch(site.context.environ)
    for page in (home, problems, rules, health, setup, acting, activity):
        page.register(site, seen)
    for other in (uploads, upload, raw, rooms, notifications, hooks, events, rules_edit, rules_versions):
        other.register(site)


PAGES: tuple[Callable[[Site], None], ...] = (register,)
