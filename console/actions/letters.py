"""Verbs of dead letters: have them tried again, put them away, and take back what was put away.

They are named by their ids, stage and reason, or are those of the uploads of a list.
"""

import contextlib
from collections.abc import Callable, Collection

from console.actions.kept_letter import as_kept, as_letter
from console.actions.listed import found, in_words, listed_in
from console.actions.site import Site
from console.actions.verb import BadFilterError, Filter, Sentences, how_many, ids_of, told, wanted
from console.actions.work import Work
from console.dead.selection import Selection
from shared.amqp.operator.dead_letters import DeadLetter, DeadLetters, Told, Verdict
from shared.store.actions.action import Action, Item, ItemState
from shared.store.actions.put_away import PutAway as Kept
from shared.store.actions.put_away import PutAwayStore
from shared.store.history.queries import Queries
from shared.store.history.tables import Database
from shared.store.ledger import Ledger
from shared.text.outside import identifier
from shared.wire.stages import MOVER, NAMES

GONE = "its dead letter is gone: somebody else took it up"
LETTER = "dead letter"
MOST_LISTED = 1_000_000


class Retry:
    name = "retry"

    def keys(self, site: Site, filter_: Filter) -> list[str]:
        return _keys(site, filter_)

    def sentences(self, filter_: Filter, count: int) -> Sentences:
        return Sentences(
            f"{how_many(count, LETTER)}{_which(filter_)} will be sent back to the worker, with all retries ahead",
            "a file that is in its folder is not moved again, and who was told is not told again",
        )

    def run(self, site: Site, action: Action, work: Work) -> None:
        _sweep(site, action, work, lambda _letter, _item: Verdict.REPLAY)


class PutAway:
    name = "put away"

    def keys(self, site: Site, filter_: Filter) -> list[str]:
        wanted(filter_, "why", "why they are put away")
        return _keys(site, filter_)

    def sentences(self, filter_: Filter, count: int) -> Sentences:
        return Sentences(
            f"{how_many(count, LETTER)}{_which(filter_)} will be taken off the list, and kept for 90 days",
            "nothing is filed and nobody is told; what was put away can be taken back",
        )

    def run(self, site: Site, action: Action, work: Work) -> None:
        store = PutAwayStore(site.database_url)

        def keep(letter: DeadLetter, item: Item) -> Verdict:
            store.keep(as_kept(letter, f"{action.id} {item.place}", action))
            return Verdict.REMOVE

        try:
            store.prune()
            _sweep(site, action, work, keep)
        finally:
            store.close()
        if not work.left:
            _let_go_of_claims(site, action, work.keys_done())


class TakeBack:
    """`ids` are those of the rows."""

    name = "take back"

    def keys(self, site: Site, filter_: Filter) -> list[str]:
        store = PutAwayStore(site.database_url)
        try:
            found = {letter.id for letter in store.latest(MOST_LISTED, ids=_given(filter_))}
        finally:
            store.close()
        return [name for name in _given(filter_) if name in found]

    def sentences(self, filter_: Filter, count: int) -> Sentences:  # noqa: ARG002 - as the other verbs
        return Sentences(
            f"{how_many(count, LETTER)} will be back among those that wait for a person",
            "nothing is tried: that is another step",
        )

    def run(self, site: Site, action: Action, work: Work) -> None:
        store = PutAwayStore(site.database_url)
        try:
            with DeadLetters(site.amqp_urls) as letters:
                for item in work.left:
                    if (at := work.begin(item)) is None:
                        return
                    kept = store.get(item.key)
                    if kept is None or kept.taken_back_at is not None:
                        work.failed(item, "it was taken back before, or was kept for its 90 days")
                        continue
                    if item.state is not ItemState.BEGUN or not _is_back(letters, kept):
                        letters.put_back(as_letter(kept), told(action, at))
                    store.taken_back(item.key, str(action.asked_by))
                    work.done(item)
        finally:
            store.close()


def _is_back(letters: DeadLetters, kept: Kept) -> bool:
    """By a process that was killed before it could note it."""
    return any(letter.message_id == kept.message_id for letter in letters.read(kept.stage))


def _given(filter_: Filter) -> list[str]:
    found = ids_of(filter_)
    if not found:
        raise BadFilterError("say which: their ids")
    return found


def _keys(site: Site, filter_: Filter) -> list[str]:
    selection, uploads = _selection(filter_), _uploads(site, filter_)

    def fits(letter: DeadLetter) -> bool:
        of = identifier(str(letter.properties.get("correlation_id") or ""))
        return letter in selection and (uploads is None or of in uploads)

    with DeadLetters(site.amqp_urls) as letters:
        return [_key(letter) for stage in selection.stages() for letter in letters.read(stage) if fits(letter)]


def _uploads(site: Site, filter_: Filter) -> Collection[str] | None:
    """The ids of those of the list; None where it is about no list."""
    listed = listed_in(filter_)
    if listed is None:
        return None
    with contextlib.closing(Database(site.database_url)) as database:
        return {upload.correlation_id for upload in found(Queries(database), listed)}


def _selection(filter_: Filter) -> Selection:
    stage, reason = filter_.get("stage"), filter_.get("reason")
    if stage is not None and stage not in NAMES:
        raise BadFilterError(f"there is no stage {stage}")
    return Selection(frozenset(ids_of(filter_)), stage or None, reason or None)


def _key(letter: DeadLetter) -> str:
    return f"{letter.stage} {letter.message_id}"


def _which(filter_: Filter) -> str:
    stage, reason = filter_.get("stage"), filter_.get("reason")
    named = (f" of the {stage}" if stage else "") + (f" with the reason {reason}" if reason else "")
    return named + in_words(filter_)


def _sweep(site: Site, action: Action, work: Work, do: Callable[[DeadLetter, Item], Verdict]) -> None:
    """A letter that was begun and is still here is done again; one that is not here any more was done."""
    in_hand: list[tuple[Item, float]] = []

    def decide(letter: DeadLetter) -> Verdict:
        item = work.next_with(_key(letter))
        at = work.begin(item) if work.may_go_on() and item else None
        if item is None or at is None:
            return Verdict.KEEP
        in_hand.append((item, at))
        return do(letter, item)

    def tell(_letter: DeadLetter) -> Told:
        return told(action, in_hand[-1][1])

    with DeadLetters(site.amqp_urls) as letters:
        for stage in dict.fromkeys(item.key.partition(" ")[0] for item in work.left):
            for _ in letters.sweep(stage, decide, tell=tell):
                while in_hand:
                    work.done(in_hand.pop()[0])
                if work.stopped:
                    return
    for item in work.left:
        if item.state is ItemState.BEGUN:
            work.done(item)
        else:
            work.failed(item, GONE)


def _let_go_of_claims(site: Site, action: Action, keys: list[str]) -> None:
    """Of the mover's letters, for a later event of the same upload."""
    parts = [key.partition(" ") for key in keys]
    ledger = Ledger(site.database_url, owner=str(action.asked_by))
    try:
        ledger.abandon([message for stage, _, message in parts if stage == MOVER.name])
    finally:
        ledger.close()
