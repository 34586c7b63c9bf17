"""Which processes of ours are at work: while they are, messages are in their hands, and no queue shows those."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from console.connect.management import Management, NotToldError
from shared.amqp.operator.stream import QUEUE
from shared.amqp.operator.survey import Survey
from shared.wire.stages import EVERY_NAME

_OURS = re.compile(rf"(?:ingress|{'|'.join(EVERY_NAME)})@|history$|console (?:reconcile requests|dead|retry)$")
"""The names of connections of ours that change something."""


@dataclass(frozen=True, slots=True)
class AtWork:
    who: tuple[str, ...]
    """As a person knows them; empty: nobody is seen."""
    unseen: str | None
    """Why those that take no messages just now cannot be seen; None: they can."""


def at_work(urls: Sequence[str], management_url: str | None) -> AtWork:
    """UnavailableError where the broker goes.

    Who consumes is seen by AMQP. A worker that is paused, by a person or because the portal is down, does not, and
    may still hold messages: its connection alone shows it, and RabbitMQ's management API alone shows that.
    """
    with Survey(urls) as survey:
        states = [survey.queue(name) for name in (*EVERY_NAME, QUEUE)]
        cluster = survey.cluster_name
    consuming = [state.name for state in states if state and state.consumers]
    try:
        names = Management(urls, management_url).connections(cluster)
    except NotToldError as error:
        return AtWork(tuple(consuming), str(error))
    connected = {_short(name) for name in names if _OURS.match(name)}
    return AtWork(tuple(sorted({*consuming, *connected})), None)


def _short(name: str) -> str:
    """A worker's connections differ in what they are for."""
    return name.partition("@")[0] if "@" in name else name
