"""The verb of rules that a person published: tells all who listen. `console.rules.as_action` publishes them."""

import contextlib
import time

from console.actions.each import each, published
from console.actions.site import Site
from console.actions.verb import BadFilterError, Filter, Sentences, by_of, why_of
from console.actions.work import Work
from console.connect.door import Door
from shared.errors import PermanentError, TransientError
from shared.store.actions.action import Action, Item
from shared.store.rulebook.reader import RulebookReader
from shared.wire.events import RulesPublished

PATIENCE_S = 60.0
"""For the database to take them. A publisher that was killed before that published nothing."""


class PublishRules:
    """`switch` is the number that the rulebook gives them; `name` and `why` are as it has them."""

    name = "publish rules"

    def keys(self, site: Site, filter_: Filter) -> list[str]:  # noqa: ARG002 - as the other verbs
        raise BadFilterError("rules are published under Rules, or with intake rules publish")

    def sentences(self, filter_: Filter, count: int) -> Sentences:  # noqa: ARG002 - as above
        return Sentences("the workers go over to these rules within five seconds", "what is filed stays filed")

    def run(self, site: Site, action: Action, work: Work) -> None:
        def tell(door: Door, _item: Item, at: float) -> None:
            door.publish(published(_event(site, action), action, action.id, at))

        each(site, work, tell)


def _event(site: Site, action: Action) -> RulesPublished:
    """PermanentError where they were not published; TransientError while they may still be."""
    number, name, why = (action.filter.get(part) for part in ("switch", "name", "why"))
    with contextlib.closing(RulebookReader(site.database_url)) as rulebook:
        switches = rulebook.switches()
        made = next((each for each in switches if each.number == number), None)
        if made is None and time.time() < action.asked_at + PATIENCE_S:
            raise TransientError("the rules are about to be published")
        if made is None or (made.by, made.comment) != (name, why):
            raise PermanentError("they were not published")
        version = rulebook.version(made.version)
    return RulesPublished(version=version.number, rules=version.hash, asked_by=by_of(action), why=why_of(action))
