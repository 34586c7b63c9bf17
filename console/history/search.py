"""Where `find` looks, and what it could not see: the history, the ledger, the ingress's spool."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from console.connect.worker_pages import WorkerPage, ask, every
from console.status.view import age
from shared.store.history.queries import NoHistoryError, Queries
from shared.store.history.tables import Database
from shared.store.history.unrecorded import of_ledger
from shared.store.history.upload import Upload


@dataclass(frozen=True, slots=True)
class Found:
    uploads: list[Upload]
    unseen: tuple[str, ...]
    """Why some may be missing, a sentence each."""


def search(database: Database, text: str, limit: int) -> Found:
    """In the history; in the ledger where the history does not know it. TransientError."""
    unseen: list[str] = []
    uploads: list[Upload] = []
    try:
        uploads = Queries(database).find(text, limit)
    except NoHistoryError as error:
        unseen.append(str(error))
    return Found(uploads or of_ledger(database, text, limit), tuple(unseen))


def spooled(addresses: Sequence[str]) -> Iterator[str]:
    """What the ingress keeps while the broker is away has no title yet: a sentence for each, or why nobody told.

    `addresses` are the health ports of workers; one of them may be the ingress's.
    """
    where = every(addresses)
    with ThreadPoolExecutor(max(1, len(where))) as pool:
        pages = list(pool.map(ask, where))
    ingresses = [page for page in pages if page.spool_events is not None]
    for page in ingresses:
        if page.spool_events:
            yield _waiting(page)
    if not ingresses:
        yield "what waits in the ingress's spool is not known: " + (
            "; ".join(f"{page.address}: {_fault(page)}" for page in pages) or "HEALTH_URLS says where it is asked"
        )


def _waiting(page: WorkerPage) -> str:
    events = "1 event waits" if page.spool_events == 1 else f"{page.spool_events} events wait"
    oldest = "" if page.spool_oldest_s is None else f", the oldest for {age(page.spool_oldest_s)}"
    return f"{events} in the ingress's spool at {page.address}{oldest}, and cannot be searched: the broker is away"


def _fault(page: WorkerPage) -> str:
    return page.faults.get("answer") or "is no ingress"
