"""`/uploads/{id}/raw`: the messages of one upload as the broker still has them, in the history's stream."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from console.dead.archive import pretty
from console.web.pages.shown.row import row
from console.web.pages.upload import the_upload
from console.web.site import Page, Site, Visit
from shared.amqp.operator.past import past
from shared.errors import IntakeError, PermanentError
from shared.process.settings import Process, SettingsError, load
from shared.store.history.step import Delivery
from shared.store.history.upload import Upload
from shared.text.outside import cut, harmless
from shared.text.reading import loads

SLACK_S = 5.0
"""A webhook's time is in whole seconds."""
LIMIT_S = 8.0
"""For reading; a page must answer."""
MOST, MOST_BYTES = 20, 20_000


def register(site: Site) -> None:
    site.get("/uploads/{upload}/raw", show)


@dataclass(frozen=True, slots=True)
class Raw:
    key: str
    at: int
    body: str


def show(visit: Visit) -> Page:
    upload = the_upload(visit)
    messages: list[Raw] = []
    fault = ""
    try:
        messages.extend(_messages(visit, upload))
    except IntakeError as error:
        fault = str(error)
    if not messages and not fault:
        fault = visit._("the broker's stream does not hold it any more, or not within the time that a page has")
    title = row(upload, visit.now, visit.zone).title
    return Page(
        "raw.html", visit._("Raw messages"), {"upload": upload, "name": title, "messages": messages, "fault": fault}
    )


def _messages(visit: Visit, upload: Upload) -> Iterator[Raw]:
    """Those up to its last step; the earliest of those that are found in time."""
    try:
        urls = load(Process, visit.context.environ).amqp_urls
    except SettingsError as error:
        raise PermanentError(f"the broker is not known here: {error}") from error
    ends, found = time.monotonic() + LIMIT_S, 0
    for delivery in past(urls, upload.first_at - SLACK_S):
        if delivery.message.correlation_id == upload.correlation_id:
            yield _raw(delivery)
            found += 1
        is_past = delivery.message.timestamp > upload.last_at + SLACK_S
        if found == MOST or is_past or time.monotonic() > ends:
            return


def _raw(delivery: Delivery) -> Raw:
    body = delivery.message.body
    try:
        text = pretty(loads(body))
    except ValueError:
        text = body.decode(errors="replace")
    return Raw(delivery.routing_key, delivery.message.timestamp, harmless(cut(text, MOST_BYTES)))
