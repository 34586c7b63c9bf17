"""`/notifications`: what waits to be told and when it goes, and the message as it reads; one that waits, with all
that it names.
"""

import contextlib
from dataclasses import dataclass

from console.notifications.preview import Preview, preview
from console.web.outside import shown
from console.web.pages.acting import place
from console.web.pages.doing import Act, of_message
from console.web.site import Page, RefusedError, Site, Visit
from shared.announcing.settings import Messages
from shared.errors import IntakeError, PermanentError
from shared.process.settings import SettingsError, load
from shared.store.history.tables import Database
from shared.store.outbox.outbox import Outbox
from shared.store.outbox.window import Item, State, Waiting
from shared.text.outside import harmless
from shared.wire.events import InvoiceRead, decode

MOST = 200
"""Messages, and invoices of one message, on a page."""
ALL = 10_000
NOT_FOUND = 404


def register(site: Site) -> None:
    site.get("/notifications", show)
    site.get("/notifications/{message}", show_one)


@dataclass(frozen=True, slots=True)
class Named:
    """An invoice in a message."""

    upload: str
    title: str
    room: str
    at: float


@dataclass(frozen=True, slots=True)
class Text:
    """The message in one language, made harmless; its lines stay."""

    language: str
    called: str
    subject: str
    text: str


def show(visit: Visit) -> Page:
    waiting, fault = _waiting(visit)
    example, example_fault = _preview(visit)
    facts = {
        "waiting": [(each, of_message(visit, each)) for each in waiting[:MOST]],
        "more": len(waiting) > MOST,
        "most": MOST,
        "fault": fault,
        "now": visit.now,
        "texts": _texts(example) if example else [],
        "past": example.past.upload if example and example.past else None,
        "own": example.own if example else (),
        "own_fault": example.fault if example else "",
        "example_fault": example_fault,
        "sent": State.CLOSED,
    }
    return Page("notifications.html", visit._("Notifications"), facts, live=True)


def show_one(visit: Visit) -> Page:
    with contextlib.closing(Outbox(place(visit).database_url)) as outbox:
        wanted = visit.values["message"]
        found = next((each for each in outbox.waiting(ALL) if each.id == wanted), None)
        if found is None:
            raise RefusedError(NOT_FOUND, visit._("no such message waits: it was sent, or there never was one"))
        items = outbox.items(found.id, MOST)
    facts = {
        "message": found,
        "acts": _acts(visit, found),
        "named": list(map(_named, items)),
        "more": max(0, found.count - len(items)),
        "now": visit.now,
        "sent": State.CLOSED,
    }
    return Page("notification.html", visit._("A message that waits"), facts)


def _acts(visit: Visit, found: Waiting) -> list[Act]:
    return [act] if (act := of_message(visit, found)) else []


def _waiting(visit: Visit) -> tuple[list[Waiting], str]:
    """And why it is not known."""
    try:
        with contextlib.closing(Outbox(place(visit).database_url)) as outbox:
            return outbox.waiting(MOST + 1), ""
    except IntakeError as error:
        return [], str(error)


def _preview(visit: Visit) -> tuple[Preview | None, str]:
    """And why there is none."""
    try:
        settings = _messages(visit)
        with contextlib.closing(Database(place(visit).database_url)) as database:
            return preview(database, settings), ""
    except IntakeError as error:
        return None, str(error)


def _messages(visit: Visit) -> Messages:
    try:
        return load(Messages, visit.context.environ)
    except SettingsError as error:
        raise PermanentError(f"these settings are wrong: {'; '.join(str(error).splitlines())}") from error


def _texts(example: Preview) -> list[Text]:
    return [
        Text(each.language, each.called, shown(each.said.subject, 300), harmless(each.said.text).strip())
        for each in example.texts
    ]


def _named(item: Item) -> Named:
    invoice = decode(item.message.body, InvoiceRead)
    return Named(item.message.correlation_id, shown(invoice.title), shown(invoice.room_title or ""), item.at)
