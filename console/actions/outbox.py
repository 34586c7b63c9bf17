"""The verb of what waits to be told: send it now."""

import contextlib
from collections.abc import Iterator

from console.actions.site import Site
from console.actions.verb import BadFilterError, Filter, Sentences, how_many, ids_of
from console.actions.work import Work
from shared.store.actions.action import Action
from shared.store.outbox.outbox import Outbox

MOST = 10_000
"""Of messages that wait: one for each person and channel."""
SHORTEST = 8
"""Characters of an id that will do."""


class SendNow:
    """`ids` are of messages that wait, or their beginnings."""

    name = "send now"

    def keys(self, site: Site, filter_: Filter) -> list[str]:
        wanted = ids_of(filter_)
        if not wanted:
            raise BadFilterError("say which: by the ids that `intake notifications` prints")
        with _outbox(site) as outbox:
            return [each.id for each in outbox.waiting(MOST) if _is_one_of(each.id, wanted)]

    def sentences(self, filter_: Filter, count: int) -> Sentences:  # noqa: ARG002 - as the other verbs
        what = how_many(count, "message")
        return Sentences(
            f"{what} that would wait {'goes' if count == 1 else 'go'} out within seconds",
            "what is named in it is told now, and not again at its hour",
        )

    def run(self, site: Site, action: Action, work: Work) -> None:  # noqa: ARG002 - as the other verbs
        with _outbox(site) as outbox:
            for item in work.left:
                if work.begin(item) is None:
                    return
                outbox.send_now(item.key)  # of one that was sent meanwhile nothing is left to be done
                work.done(item)


def _is_one_of(window_id: str, wanted: list[str]) -> bool:
    return any(window_id == each or (len(each) >= SHORTEST and window_id.startswith(each)) for each in wanted)


@contextlib.contextmanager
def _outbox(site: Site) -> Iterator[Outbox]:
    with contextlib.closing(Outbox(site.database_url)) as outbox:
        yield outbox
