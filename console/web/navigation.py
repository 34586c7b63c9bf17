"""The links at the top of every page: those of the pages that there are, and that this person may see."""

from dataclasses import dataclass

from console.web.site import Site, Visit


@dataclass(frozen=True, slots=True)
class Entry:
    path: str
    text: str
    is_current: bool


def _texts(visit: Visit) -> tuple[tuple[str, str], ...]:
    return (
        ("/", visit._("Home")),
        ("/uploads", visit._("Uploads")),
        ("/problems", visit._("Problems")),
        ("/rooms", visit._("Rooms")),
        ("/rules", visit._("Rules")),
        ("/notifications", visit._("Notifications")),
        ("/hooks", visit._("Endpoints")),
        ("/health", visit._("Health")),
        ("/events", visit._("Events")),
        ("/activity", visit._("Activity")),
        ("/audit", visit._("Audit")),
        ("/people", visit._("People")),
    )


def entries(site: Site, visit: Visit) -> list[Entry]:
    """None for who is not signed in."""
    if visit.person is None:
        return []
    return [
        Entry(path, text, visit.path == path or (path != "/" and visit.path.startswith(f"{path}/")))
        for path, text in _texts(visit)
        if site.has(path) and visit.may("GET", path)
    ]
