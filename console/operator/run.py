"""The operator's thread: looks, keeps what it found, and has told who is to hear of it. Sequence only."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping

import structlog

from console.operator.channels import Channel, opened
from console.operator.due import Office, Who
from console.operator.families import Look, compared
from console.operator.looking import Looking
from console.operator.messages import Messages, Stores
from console.operator.sending import Sending
from console.operator.text import Voice
from console.operator.times import Times
from console.operator.unkept import Unkept
from console.reconcile.settings import Settings
from shared.errors import TransientError
from shared.store.history.tables import Database
from shared.store.problems.store import ProblemStore
from shared.store.problems.turns import Turns
from shared.store.sweeps.store import SweepStore

TIMES = Times()

log = structlog.get_logger()


class Round:
    """What one round needs. For one thread."""

    def __init__(
        self,
        look: Callable[[], Look],
        messages: Messages,
        sending: Sending,
        unkept: Unkept,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._look = look
        self._messages = messages
        self._sending = sending
        self._unkept = unkept
        self._clock = clock

    def run(self) -> None:
        """Raises nothing but bugs: a database that is away is told of too."""
        look = self._look()
        now = self._clock()
        try:
            self._keep(look, now)
            self._tell(now)
        except TransientError as error:
            log.warning("operator.database_away", reason=str(error))
            self._unkept.away(str(error), now)

    @property
    def _problems(self) -> ProblemStore:
        return self._messages.stores.problems

    def _keep(self, look: Look, now: float) -> None:
        found = compared(look, self._problems.live())
        self._unkept.back(lambda seen, began, told: self._problems.adopt(seen, began, told, now))
        quiet = self._problems.silences(now)
        self._problems.observe(
            found.seen, found.gone, now, lasts_s=self._messages.who.times.lasts_s, quiet=tuple(quiet)
        )

    def _tell(self, now: float) -> None:
        standing = self._messages.standing(now)
        self._sending.tell(self._messages.channels(standing))
        self._messages.close_what_is_over(standing)


def run_for_ever(
    environ: Mapping[str, str], settings: Settings, stop: threading.Event, times: Times = TIMES
) -> None:
    """Until `stop`. At once where nobody is to be told."""
    if not settings.operators:
        log.info("operator.nobody", reason="OPERATOR is not set: nobody is told of problems")
        return
    groups = [len(group) for group in settings.operators]
    log.info("operator.started", channels_by_group=groups, every_s=times.look_s)
    with _made(environ, settings, times) as rounds:
        while not stop.is_set():
            rounds.run()
            stop.wait(times.look_s)


@contextlib.contextmanager
def _made(environ: Mapping[str, str], settings: Settings, times: Times) -> Iterator[Round]:
    url = settings.database_url.get_secret_value()
    stores = Stores(ProblemStore(url), Turns(url), Database(url), SweepStore(url))
    voice = Voice(settings.operator_zone, (settings.web_public_url or "").rstrip("/"))
    with (
        contextlib.closing(stores),
        contextlib.closing(Looking(environ, settings, url, times.often)) as looking,
        opened(settings, times.send_s) as groups,
    ):
        who = Who(_ids(groups), Office(settings.operator_hours, settings.operator_zone), times)
        messages = Messages(stores, who, voice, settings.operator_weekly)
        channels = [channel for group in groups for channel in group]
        sending = Sending(stores.turns, channels, lambda name: messages.of(name, time.time()), times)
        yield Round(looking.look, messages, sending, Unkept(groups[0], times))


def _ids(groups: tuple[tuple[Channel, ...], ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(channel.id for channel in group) for group in groups)
