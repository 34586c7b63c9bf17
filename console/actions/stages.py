"""Verbs that are about no upload: pause a stage and resume it, and have a room looked through now."""

import contextlib
import time
from collections.abc import Iterator

from console.actions.each import each, published
from console.actions.site import Site
from console.actions.verb import BadFilterError, Filter, Sentences, by_of, wanted, why_of
from console.actions.work import Work
from console.connect.door import Door
from shared.amqp.operator.requests import QUEUE as REQUESTS
from shared.amqp.operator.survey import Survey
from shared.rules.ids import entry_id
from shared.runtime.by_hand import Pause as Paused
from shared.store.actions.action import Action, Item
from shared.store.actions.pauses import PauseStore
from shared.wire.events import RoomAsked, StagePaused, StageResumed
from shared.wire.stages import NAMES

LONGEST_S = 7 * 86_400.0
"""Of a pause: longer is no pause, and uploads wait."""
NO_RECONCILER = "no reconciler has run on this broker: start it, and ask again"


class Pause:
    """`until` is in seconds since the epoch."""

    name = "pause"

    def keys(self, site: Site, filter_: Filter) -> list[str]:  # noqa: ARG002 - as the other verbs
        wanted(filter_, "why", "why it is paused")
        _until(filter_)
        return [_stage(filter_)]

    def sentences(self, filter_: Filter, count: int) -> Sentences:  # noqa: ARG002 - as above
        pause = Paused(_stage(filter_), "you", str(filter_.get("why") or ""), 0.0, _until(filter_))
        return Sentences(
            f"the {pause.stage} will take no messages, within five seconds: {pause}",
            "nothing is lost: uploads wait in its queue, and it goes on by itself",
        )

    def run(self, site: Site, action: Action, work: Work) -> None:
        by, why, until = by_of(action), why_of(action), _until(action.filter)

        def pause(door: Door, item: Item, at: float) -> None:
            with _pauses(site) as pauses:
                pauses.pause(item.key, by, why, until)
            event = StagePaused(stage=item.key, asked_by=by, until=until, why=why)
            door.publish(published(event, action, action.id, at))

        each(site, work, pause)


class Resume:
    name = "resume"

    def keys(self, site: Site, filter_: Filter) -> list[str]:
        with _pauses(site) as pauses:
            return [_stage(filter_)] if pauses.now(_stage(filter_)) else []

    def sentences(self, filter_: Filter, count: int) -> Sentences:  # noqa: ARG002 - as above
        return Sentences(
            f"the {_stage(filter_)} will go on within five seconds", "it begins with what waited longest"
        )

    def run(self, site: Site, action: Action, work: Work) -> None:
        def resume(door: Door, item: Item, at: float) -> None:
            with _pauses(site) as pauses:
                pauses.resume(item.key)
            event = StageResumed(stage=item.key, asked_by=by_of(action))
            door.publish(published(event, action, action.id, at))

        each(site, work, resume)


class LookIntoRoom:
    name = "look into room"

    def keys(self, site: Site, filter_: Filter) -> list[str]:
        room = wanted(filter_, "room", "which room: its id")
        with Survey(site.amqp_urls) as survey:
            if survey.queue(REQUESTS) is None:  # else the history's stream takes the event, and nobody acts on it
                raise BadFilterError(NO_RECONCILER)
        try:
            return [str(entry_id(room, "folder"))]
        except ValueError as error:
            raise BadFilterError(f"{room!r} {error}") from None

    def sentences(self, filter_: Filter, count: int) -> Sentences:  # noqa: ARG002 - as above
        return Sentences(
            f"the reconciler will look through room {filter_.get('room')} now, and send in what no webhook brought",
            "what is filed or under way is not sent in again",
        )

    def run(self, site: Site, action: Action, work: Work) -> None:
        def ask(door: Door, item: Item, at: float) -> None:
            event = RoomAsked(room_id=entry_id(item.key), asked_by=by_of(action))
            door.publish(published(event, action, action.id, at))

        each(site, work, ask)


def _stage(filter_: Filter) -> str:
    stage = wanted(filter_, "stage", "which stage")
    if stage not in NAMES:
        raise BadFilterError(f"there is no stage {stage!r}, only {', '.join(NAMES)}")
    return stage


def _until(filter_: Filter) -> float:
    until = filter_.get("until")
    if isinstance(until, bool) or not isinstance(until, int | float):
        raise BadFilterError("say until when")
    if not 0 < until - time.time() <= LONGEST_S:
        raise BadFilterError("a pause ends in the future, and within seven days")
    return float(until)


@contextlib.contextmanager
def _pauses(site: Site) -> Iterator[PauseStore]:
    with contextlib.closing(PauseStore(site.database_url)) as pauses:
        yield pauses
