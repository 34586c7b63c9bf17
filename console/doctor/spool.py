"""The ingress's spool, by its health page: does it fill up, does anything in it wait for a person? Pure."""

from collections.abc import Iterator
from dataclasses import replace

from console.connect.worker_pages import WorkerPage
from console.doctor.line import Area, Line
from console.status.view import age

AREA = Area("spool")
BUSY_S = 60.0
"""Events that are younger are on their way: the broker was away for a moment."""


def lines(page: WorkerPage) -> Iterator[Line]:
    """Of a worker that has no spool, none."""
    if page.spool_events and (page.spool_oldest_s or 0.0) > BUSY_S:
        events = "1 event waits" if page.spool_events == 1 else f"{page.spool_events} events wait"
        told = AREA.warning(
            f"{events} in the spool at {page.address}, the oldest for {age(page.spool_oldest_s or 0.0)}",
            "start the broker, or see in the ingress's log why it takes nothing; they go on by themselves",
            cause="filling",
        )
        yield replace(told, count=page.spool_events)
    if page.spool_set_aside:
        aside = AREA.warning(
            f"{page.spool_set_aside} events in the spool at {page.address} cannot be sent",
            "see the ingress's log: the broker refuses them, or they cannot be read",
            cause="set-aside",
        )
        yield replace(aside, count=page.spool_set_aside)
