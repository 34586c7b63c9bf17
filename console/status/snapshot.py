"""How the pipeline stands: asks the broker, its management API, the database and the workers. Decides nothing.

What could not be asked is None, with the reason in `unknown`: never 0.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from console.connect.management import Management, NotToldError, Traffic
from console.connect.queues import Queues, Stage, look
from console.connect.worker_pages import WorkerPage, ask, every
from shared.amqp.operator.stream import QUEUE as STREAM
from shared.amqp.operator.survey import Survey
from shared.errors import IntakeError
from shared.store.history.overview import Recorded, recorded, unfinished
from shared.store.history.queue_age import Oldest, oldest
from shared.store.history.tables import Database
from shared.wire.stages import NAMES

SECOND_LOOK_S = 1.0
"""Between the two looks that tell how fast the workers are."""


@dataclass(frozen=True, slots=True)
class StageStanding:
    """None: unknown; of a queue that does not exist, everything."""

    name: str
    waiting: int | None
    in_hand: int | None
    in_per_s: float | None
    out_per_s: float | None
    oldest_s: float | None
    """How long the oldest upload has waited for this stage; None too where none waits."""
    consumers: int | None
    consumer_names: tuple[str, ...] | None
    dead: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    stages: tuple[StageStanding, ...]
    delays: dict[str, int] | None
    """The delay queues that exist, and how many wait in each."""
    workers: tuple[WorkerPage, ...]
    history: Recorded | None = None
    """What is known of all uploads together."""
    unfinished: int | None = None
    """What a worker has begun, and nobody has ended, by the ledger."""
    unknown: dict[str, str] = field(default_factory=dict)
    """What could not be learnt, and why."""


class Onlooker:
    """A context manager, for one thread."""

    def __init__(
        self,
        amqp_urls: Sequence[str],
        delays_s: Sequence[int],
        management: Management,
        database: Database | str,
        *,
        addresses: Sequence[str],
        names: Sequence[str] = NAMES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`database` as a text is why there is none; `names` are those of the stages to look at."""
        self._amqp_urls = amqp_urls
        self._survey: Survey | None = None
        self._delays_s = delays_s
        self._management = management
        self._database = database
        self._addresses = addresses
        self._names = names
        self._clock = clock
        self._before: dict[str, tuple[float, float]] = {}
        """Of each worker, when it was asked last and what it had settled."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._survey:
            self._survey.__exit__(kind, error, trace)

    def look(self) -> Standing:
        """Whatever fails is unknown. A broker that was away is looked for again."""
        unknown: dict[str, str] = {}
        queues = self._queues(unknown)
        traffic = self._traffic(unknown)
        ages = self._ages(queues, traffic, unknown) if queues else self._ages_alone(unknown)
        history, unfinished = self._recorded(unknown), self._unfinished(unknown)
        if not self._addresses:
            unknown["workers"] = "no worker was asked: HEALTH_URLS, or --worker, says where their health ports are"
        stages = tuple(
            _stage(stage, None if traffic is None else traffic.get(stage.name), ages.get(stage.name))
            for stage in (queues.stages if queues else (Stage(name, None, None, None) for name in self._names))
        )
        delays = queues.delays if queues else None
        return Standing(stages, delays, tuple(self._workers()), history, unfinished, unknown)

    @property
    def needs_second_look(self) -> bool:
        """Whether a worker's own count is all that can tell how fast it is."""
        return bool(self._before)

    def _queues(self, unknown: dict[str, str]) -> Queues | None:
        try:
            self._survey = self._survey or Survey(self._amqp_urls)
            return look(self._survey, self._delays_s, self._names)
        except IntakeError as error:
            unknown["broker"] = str(error)
            self._survey = None
            return None

    def _traffic(self, unknown: dict[str, str]) -> dict[str, Traffic] | None:
        if self._survey is None:
            return None  # whose management API that is cannot be known
        try:
            return self._management.traffic(self._survey.cluster_name)
        except NotToldError as error:
            unknown["rates"] = str(error)
            return None

    def _ages(
        self, queues: Queues, traffic: dict[str, Traffic] | None, unknown: dict[str, str]
    ) -> dict[str, float]:
        """By stage; only of those for which something waits, as the broker says."""
        busy = {stage.name for stage in queues.stages if _something_waits(stage, queues, traffic)}
        if not busy:
            return {}
        try:
            found = self._oldest()
        except IntakeError as error:
            unknown["oldest"] = str(error)
            return {}
        missing = [stage.name for stage in queues.stages if stage.waiting and stage.name not in found.since]
        if missing:
            why = "the history does not know what waits there" if found.complete else "too many uploads wait"
            unknown["oldest"] = f"of {', '.join(missing)}: {why}"
        if traffic is not None and (STREAM not in traffic or not traffic[STREAM].consumers):
            unknown["oldest"] = "the history is not written now, so it may be behind: start `console history`"
        now = self._clock()
        return {stage: max(0.0, now - at) for stage, at in found.since.items() if stage in busy}

    def _ages_alone(self, unknown: dict[str, str]) -> dict[str, float]:
        """By stage, as far as the history knows: the broker does not say what waits."""
        try:
            since = self._oldest().since
        except IntakeError as error:
            unknown["oldest"] = str(error)
            return {}
        return {stage: max(0.0, self._clock() - at) for stage, at in since.items()}

    def _recorded(self, unknown: dict[str, str]) -> Recorded | None:
        try:
            return recorded(self._open())
        except IntakeError as error:
            unknown["history"] = str(error)
            return None

    def _unfinished(self, unknown: dict[str, str]) -> int | None:
        try:
            return unfinished(self._open())
        except IntakeError as error:
            unknown["ledger"] = str(error)
            return None

    def _open(self) -> Database:
        if isinstance(self._database, str):
            raise IntakeError(self._database)
        return self._database

    def _oldest(self) -> Oldest:
        return oldest(self._open())

    def _workers(self) -> Iterator[WorkerPage]:
        for address in every(self._addresses):
            page, now = ask(address), self._clock()
            if page.settled is not None:
                at, settled = self._before.get(address, (now, page.settled))
                self._before[address] = (now, page.settled)
                if now > at and page.settled >= settled:  # fewer: it was started anew
                    page = replace(page, settled_per_s=(page.settled - settled) / (now - at))
            yield page


def _something_waits(stage: Stage, queues: Queues, traffic: dict[str, Traffic] | None) -> bool:
    in_hand = traffic[stage.name].in_hand if traffic and stage.name in traffic else 0
    return bool(stage.waiting or in_hand or any(queues.delays.values()))


def _stage(stage: Stage, traffic: Traffic | None, oldest_s: float | None) -> StageStanding:
    return StageStanding(
        stage.name,
        waiting=stage.waiting,
        in_hand=traffic.in_hand if traffic else None,
        in_per_s=traffic.in_per_s if traffic else None,
        out_per_s=traffic.out_per_s if traffic else None,
        oldest_s=oldest_s,
        consumers=stage.consumers,
        consumer_names=traffic.consumers if traffic else None,
        dead=stage.dead,
    )
