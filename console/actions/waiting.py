"""The verb of uploads that wait for their next try: it is made now."""

import contextlib
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence

from console.actions.listed import found, in_words, listed_in
from console.actions.site import Site
from console.actions.verb import BadFilterError, Filter, Sentences, how_many, ids_of
from console.actions.work import Work
from shared.amqp.operator.hurried import hurry, still_waiting
from shared.amqp.operator.past import past
from shared.store.actions.action import Action, ItemState
from shared.store.history.queries import Queries
from shared.store.history.step import Delivery
from shared.store.history.tables import Database
from shared.store.history.upload import Upload

CLOCKS_DIFFER_S = 60.0
"""Between this computer, the workers and the broker."""
WAITS_NO_MORE = "it waits no more: it is at work, or settled by now"


class TryNow:
    """`ids`, or a list's filter, name uploads. A copy goes to the worker; the other comes at its time."""

    name = "try now"

    def keys(self, site: Site, filter_: Filter) -> list[str]:
        return [upload.correlation_id for upload in _wanted(site, filter_) if waits(upload)]

    def sentences(self, filter_: Filter, count: int) -> Sentences:
        return Sentences(
            f"{how_many(count, 'upload')}{in_words(filter_)} will be tried now, before the next try is due",
            "a file that is in its folder is not moved again, and who was told is not told again",
        )

    def run(self, site: Site, action: Action, work: Work) -> None:  # noqa: ARG002 - as the other verbs
        waiting: defaultdict[str, list[Delivery]] = defaultdict(list)
        for delivery in deliveries(site.amqp_urls, _uploads(site, [item.key for item in work.left])):
            waiting[delivery.message.correlation_id].append(delivery)
        for item in work.left:
            was_begun = item.state is ItemState.BEGUN
            if work.begin(item) is None:
                return
            its = waiting[item.key]
            for _ in hurry(site.amqp_urls, its):
                pass
            if its or was_begun:
                work.done(item)
            else:
                work.failed(item, WAITS_NO_MORE)


def deliveries(amqp_urls: Sequence[str], uploads: Sequence[Upload]) -> list[Delivery]:
    """What the broker's stream says that still waits of these uploads."""
    if not uploads:
        return []
    since = min(upload.last_at for upload in uploads) - CLOCKS_DIFFER_S
    ids = frozenset(upload.correlation_id for upload in uploads)
    return still_waiting(past(amqp_urls, since), ids, time.time())


def waits(upload: Upload) -> bool:
    return upload.tried_later


def _wanted(site: Site, filter_: Filter) -> list[Upload]:
    listed = listed_in(filter_)
    if listed is None:
        return _uploads(site, ids_of(filter_))
    with _queries(site) as queries:
        return found(queries, listed)


def _uploads(site: Site, ids: list[str]) -> list[Upload]:
    """BadFilterError where no ids are given."""
    if not ids:
        raise BadFilterError("say which uploads: their ids")
    with _queries(site) as queries:
        return [upload for each in ids for upload in queries.with_id(each, limit=1)]


@contextlib.contextmanager
def _queries(site: Site) -> Iterator[Queries]:
    with contextlib.closing(Database(site.database_url)) as database:
        yield Queries(database)
