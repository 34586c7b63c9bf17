"""Verbs of uploads, which `ids` or a list's filter name: send the mail again, and file one that was skipped."""

import contextlib
from collections.abc import Iterator

from console.actions.each import each, message_of, published, replayed
from console.actions.listed import found, in_words, listed_in
from console.actions.site import Site
from console.actions.verb import BadFilterError, Filter, Sentences, how_many, ids_of, wanted
from console.actions.work import Work
from console.connect.door import Door
from shared.errors import PermanentError
from shared.rules.ids import entry_id
from shared.runtime.settle import AGAIN, DEAD
from shared.store.actions.action import Action, Item
from shared.store.history.filed import filed_of
from shared.store.history.queries import Queries
from shared.store.history.tables import Database
from shared.store.history.upload import State, Upload
from shared.wire.events import InvoiceDetected
from shared.wire.message import Publication
from shared.wire.stages import NOTIFIER

BY_HAND = "by hand"
"""In place of a rule's name, where a person decides."""


class AnnounceAgain:
    """The notifier tells each recipient once more; never twice for one action, as its id is in the claims."""

    name = "announce again"

    def keys(self, site: Site, filter_: Filter) -> list[str]:
        return [upload.correlation_id for upload in _uploads(site, filter_) if upload.filed_at is not None]

    def sentences(self, filter_: Filter, count: int) -> Sentences:
        return Sentences(
            f"whoever is to know of {how_many(count, 'filed invoice')}{in_words(filter_)} will be told again",
            "nothing is filed again, and each is told once more, not more often",
        )

    def run(self, site: Site, action: Action, work: Work) -> None:
        with _queries(site) as (database, queries):

            def announce(door: Door, item: Item, at: float) -> None:
                invoice = filed_of(database, _known(queries, item.key))
                if invoice is None:
                    raise PermanentError("the ledger does not know any more where it was filed")
                message = message_of(invoice, action, item.key, at, override=action.id)
                door.publish(replayed(NOTIFIER.name, message, action, at))
                door.publish(
                    Publication(
                        exchange=DEAD, routing_key=f"{NOTIFIER.name}.{AGAIN}", message=message, mandatory=True
                    )
                )

            each(site, work, announce)


class FileAnyway:
    """Of uploads that the classifier skipped: as if a rule had taken them, with this destination and recipients."""

    name = "file anyway"

    def keys(self, site: Site, filter_: Filter) -> list[str]:
        _destination(filter_)
        _recipients(filter_)
        return [upload.correlation_id for upload in _uploads(site, filter_) if _was_skipped(upload)]

    def sentences(self, filter_: Filter, count: int) -> Sentences:
        return Sentences(
            f"{how_many(count, 'upload')}{in_words(filter_)} will be moved to folder {_destination(filter_)}, and "
            f"{', '.join(_recipients(filter_)) or 'nobody'} told",
            "a file that is in its folder already is not moved again, and who was told is not told again",
        )

    def run(self, site: Site, action: Action, work: Work) -> None:
        with _queries(site) as (_, queries):

            def file(door: Door, item: Item, at: float) -> None:
                door.publish(published(_detected(_known(queries, item.key), action), action, item.key, at))

            each(site, work, file)


def _detected(upload: Upload, action: Action) -> InvoiceDetected:
    if upload.file_id is None:
        raise PermanentError("the history does not know which file it was")
    return InvoiceDetected(
        file_id=entry_id(upload.file_id),
        title=upload.title or upload.file_id,
        rule=str(action.filter.get("rule") or BY_HAND),
        destination=entry_id(_destination(action.filter)),
        recipients=_recipients(action.filter),
        room_id=None if upload.room is None else entry_id(upload.room),
        room_title=upload.room_title,
        uploaded_by=upload.uploaded_by,
        uploaded_at=upload.uploaded_at,
    )


def _was_skipped(upload: Upload) -> bool:
    """And not by a later stage: then it was filed, or is not there any more."""
    return upload.state is State.SKIPPED and upload.filed_at is None and upload.file_id is not None


def _uploads(site: Site, filter_: Filter) -> list[Upload]:
    """In the order of their ids, or of the list. BadFilterError where one is not known."""
    listed, ids = listed_in(filter_), ids_of(filter_)
    if listed is not None:
        with _queries(site) as (_, queries):
            return found(queries, listed)
    if not ids:
        raise BadFilterError("say which uploads: their ids")
    with _queries(site) as (_, queries):
        return [_known(queries, each_id) for each_id in ids]


def _known(queries: Queries, name: str) -> Upload:
    named = queries.with_id(name, limit=2)
    if len(named) != 1:
        raise BadFilterError(f"{'no' if not named else 'more than one'} upload has the id {name}")
    return named[0]


def _destination(filter_: Filter) -> str:
    return wanted(filter_, "destination", "to which folder: its id")


def _recipients(filter_: Filter) -> tuple[str, ...]:
    given = filter_.get("recipients") or ()
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) and "@" in each for each in given):
        raise BadFilterError("recipients is a list of e-mail addresses")
    if not given:
        raise BadFilterError("say who is to be told: an e-mail address")
    return tuple(given)


@contextlib.contextmanager
def _queries(site: Site) -> Iterator[tuple[Database, Queries]]:
    with contextlib.closing(Database(site.database_url)) as database:
        yield database, Queries(database)
