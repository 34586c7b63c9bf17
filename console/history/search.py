"""Where `find` looks, and what it could not see: the history, the ledger, the ingress's spool."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from console.connect.worker_pages import WorkerPage, ask, every
from console.history.asked import Search, looked_at, narrowed, ways
from console.terminal.duration import age
from shared.store.history.filter import Filter
from shared.store.history.queries import NoHistoryError, Queries
from shared.store.history.tables import Database
from shared.store.history.upload import Upload


@dataclass(frozen=True, slots=True)
class Found:
    uploads: list[Upload]
    more: bool = False
    """Older ones fit too."""
    notes: tuple[str, ...] = ()
    """Why some may be missing, or, of an empty answer, what was looked at: a sentence each."""


def search(database: Database, texts: tuple[str, ...], asked: Search) -> Found:
    """In the history; in the ledger where the history does not know it. TransientError."""
    notes: list[str] = []
    try:
        found = _in_history(Queries(database), texts, asked)
    except NoHistoryError as error:
        notes.append(str(error))
        found = Found([])
    if found.uploads:
        return found
    kept = _in_ledger(database, texts, asked)
    return Found(kept, notes=(*notes, *(() if kept else found.notes)))


def _in_ledger(database: Database, texts: tuple[str, ...], asked: Search) -> list[Upload]:
    """It knows neither rooms' names nor days."""
    if asked.base != Filter() or asked.room is not None:
        return []
    from shared.store.history.unrecorded import of_ledger  # noqa: PLC0415 - what the history finds starts sooner

    return of_ledger(database, " ".join(texts), asked.limit)


def _in_history(queries: Queries, texts: tuple[str, ...], asked: Search) -> Found:
    base = narrowed(queries, asked)
    named = queries.with_id(texts[0], asked.limit) if len(texts) == 1 and base == Filter() else []
    meant = ways(texts, base, asked.now)
    for way in meant:
        page = queries.page(way.filter, limit=asked.limit)
        if page.uploads or named:
            uploads = {upload.correlation_id: upload for upload in (*named, *page.uploads)}
            ordered = sorted(uploads.values(), key=lambda upload: upload.first_at, reverse=True)
            return Found(ordered[: asked.limit], more=page.older is not None or len(ordered) > asked.limit)
    return Found([], notes=(f"no upload fits {meant[0].name}", *looked_at(queries, meant[0].filter, asked.now)))


def many(queries: Queries, asked: Search) -> Found:
    """All that fit, the latest first. TransientError, NoHistoryError."""
    wanted = narrowed(queries, asked)
    page = queries.page(wanted, limit=asked.limit)
    notes = () if page.uploads else ("no such upload", *looked_at(queries, wanted, asked.now))
    return Found(list(page.uploads), page.older is not None, notes)


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
