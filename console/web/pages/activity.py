"""`/activity`: what people asked for, how far it is, and how to stop it; and what was put away."""

from functools import partial

from console.actions.ask import Actions
from console.web.outside import shown
from console.web.pages.acting import by, place
from console.web.pages.latest import Latest
from console.web.pages.seen import Seen
from console.web.site import Page, Redirect, RefusedError, Site, Visit
from shared.store.actions.action import State

LATEST, FAILURES = 50, 50
NOT_FOUND = 404


def register(site: Site, watch: Latest[Seen]) -> None:
    site.get("/activity", show_all)
    site.get("/activity/{action}", show)
    site.post("/activity/{action}/stop", stop)
    site.post("/activity/{action}/resume", partial(resume, watch))


def show_all(visit: Visit) -> Page:
    with Actions(place(visit)) as actions:
        facts = {"actions": actions.latest(LATEST), "letters": actions.put_away(LATEST)}
    return Page("activity.html", visit._("Activity"), facts, live=True)


def show(visit: Visit) -> Page:
    with Actions(place(visit)) as actions:
        action = actions.state(visit.values["action"])
        if action is None:
            raise RefusedError(NOT_FOUND, visit._("nobody asked for this"))
        failures = actions.failed(action.id)
    facts = {
        "action": action,
        "failures": [(shown(item.key), shown(item.why or "", 400)) for item in failures[:FAILURES]],
        "more": max(0, len(failures) - FAILURES),
        "is_open": action.state in (State.WAITING, State.RUNNING),
    }
    return Page("activity_one.html", f"{action.verb} ({action.count})", facts)


def stop(visit: Visit) -> Redirect:
    """What is in hand is finished. Repeating it changes nothing."""
    with Actions(place(visit)) as actions:
        actions.stop(visit.values["action"], by(visit))
    return Redirect(f"/activity/{visit.values['action']}")


def resume(watch: Latest[Seen], visit: Visit) -> Redirect:
    """Repeating it changes nothing."""
    with Actions(place(visit)) as actions:
        actions.resume(visit.values["action"], by(visit))
    watch.forget()
    return Redirect(f"/activity/{visit.values['action']}")
