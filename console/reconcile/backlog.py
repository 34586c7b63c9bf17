"""What waits on our own side: in work queues, on the retry ladder, in spools. Is the event of an upload there?"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from console.connect.queues import look as look_at_queues
from console.connect.worker_pages import ask, every
from console.reconcile.settings import Settings
from shared.amqp.operator.survey import Survey
from shared.runtime.handling import HANDLER_LIMIT_S
from shared.store.history.progress import waits_for
from shared.store.history.step import Outcome, Step
from shared.store.history.upload import State, upload_of


@dataclass(frozen=True, slots=True)
class Backlog:
    at: float
    """When it was looked at, in seconds since the epoch."""
    work: Mapping[str, int] = field(default_factory=dict)
    """Messages that wait for a worker, by stage; what a worker has in hand is not among them."""
    retries: int = 0
    spooled: int = 0
    """Events, in the spools of the ingresses whose health ports are known."""
    longest_wait_s: float = 0.0
    """A message that is tried again is so sooner than that."""

    def holds(self, steps: Sequence[Step]) -> str:
        """Where the event is whose steps these are; empty where it is done, or where its message is gone."""
        upload = upload_of(steps)
        if upload.state is not State.WAITING:
            return ""
        if upload.told_later:
            return "it is filed, and told later"
        stage, _ = waits_for(steps)
        last = max(steps, key=lambda step: step.at)
        idle_s = self.at - last.at
        if self.work.get(stage):
            return f"its event waits in the queue of the {stage}"
        if last.outcome is Outcome.RETRY and self.retries and idle_s < self.longest_wait_s:
            return f"its event is tried again: {last.reason}"
        return f"the {stage} has its event in hand" if idle_s < HANDLER_LIMIT_S else ""

    @property
    def may_hold_any(self) -> bool:
        """Where nobody tells what is in the queues."""
        return bool(self.retries or any(self.work.values()))


def look(settings: Settings, longest_wait_s: float) -> Backlog:
    """UnavailableError where the broker goes. A spool whose page does not answer counts as empty."""
    at = time.time()
    pages = [ask(address) for address in every(settings.health_urls)]
    with Survey(settings.amqp_urls) as survey:
        queues = look_at_queues(survey, settings.retry_delays_s, settings.names)
    return Backlog(
        at=at,
        work={stage.name: stage.waiting or 0 for stage in queues.stages},
        retries=sum(queues.delays.values()),
        spooled=sum(page.spool_events or 0 for page in pages),
        longest_wait_s=longest_wait_s,
    )
