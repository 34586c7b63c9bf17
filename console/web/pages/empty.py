"""The first page while there is no other. It goes when there is one."""

from console.web.site import Page, Site, Visit


def register(site: Site) -> None:
    site.get("/", show)


def show(visit: Visit) -> Page:
    return Page("empty.html", visit._("Home"), live=True)
