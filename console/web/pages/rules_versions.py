"""`/rules/versions/{version}`: a text that was published, and the way back to it."""

from console.rules.masking import masked
from console.rules.publishing import Faults
from console.web.pages.rules_desk import (
    CONFLICT,
    changing_desk,
    comment,
    desk_of,
    last_switch,
    make_live,
    seen_switch,
    would_change,
)
from console.web.site import OK, Page, Redirect, RefusedError, Site, Visit
from shared.store.rulebook.reader import NoVersionError
from shared.store.rulebook.store import OvertakenError

NOT_FOUND = 404
LIVE = "/rules/versions/{version}/live"


def register(site: Site) -> None:
    site.get("/rules/versions/{version}", show)
    site.post(LIVE, go_back)


def show(visit: Visit) -> Page:
    return _page(visit)


def go_back(visit: Visit) -> Page | Redirect:
    """No version goes away by it."""
    desk, number = changing_desk(visit), _number(visit)
    over = seen_switch(visit)

    def live(name: str, why: str) -> int:
        return desk.back(number, name, why, over=over)

    try:
        found = desk.check(desk.version(number).text)
        if isinstance(found, Faults):
            raise RefusedError(
                CONFLICT, visit._("this program cannot read that version: ") + "; ".join(found.lines)
            )
        make_live(visit, "go back to rules", {"version": number}, live, over=over)
    except NoVersionError as error:
        raise RefusedError(NOT_FOUND, str(error)) from None
    except OvertakenError as error:
        return _page(visit, error=str(error))
    return Redirect("/rules")


def _page(visit: Visit, *, error: str = "") -> Page:
    """`error`: somebody else was faster, and what is live now is shown too."""
    desk, number = desk_of(visit), _number(visit)
    over = last_switch(desk)
    try:
        version = desk.version(number)
    except NoVersionError as problem:
        raise RefusedError(NOT_FOUND, str(problem)) from None
    rules = desk.check(version.text)
    may = visit.may("POST", LIVE) and desk.overruled_by() is None
    current = desk.current() if error else None
    facts = {
        "version": version,
        "text": masked(version.text),
        "may": may,
        "over": over,
        "error": error,
        "comment": comment(visit),
        "theirs": masked(current.text) if current else "",
        "faults": rules.lines if isinstance(rules, Faults) else (),
        "change": would_change(visit, rules)
        if may and not version.live and not isinstance(rules, Faults)
        else None,
    }
    title = visit._("Rules, version {number}").format(number=number)
    return Page("rules_version.html", title, facts, CONFLICT if error else OK)


def _number(visit: Visit) -> int:
    text = visit.values["version"]
    if not (text.isascii() and text.isdecimal() and len(text) < 10):  # noqa: PLR2004 - what the databases count to
        raise RefusedError(NOT_FOUND, visit._("there is no such version"))
    return int(text)
