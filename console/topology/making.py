"""Makes the topology: the database's tables and their rights first, then the broker's exchanges and queues."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from shared.amqp.operator import making
from shared.errors import TransientError
from shared.process.settings import Database as DatabaseUrl
from shared.process.settings import Process
from shared.store import grants
from shared.store.history.store import Store
from shared.store.history.tables import Database
from shared.store.upgrade import Upgrade, upgrade

T = TypeVar("T")

AGAIN_S = 1.0
"""Between two tries to reach a broker or a database that does not answer."""


class Settings(Process, DatabaseUrl):
    pass


@dataclass(frozen=True, slots=True)
class Made:
    broker: list[str]
    """The exchanges and queues that were missing."""
    database: list[Upgrade]
    roles: tuple[str, ...]
    """Of the database, that there are: they have their rights on all tables."""


def make(settings: Settings, wait_s: float, told: Callable[[str], None]) -> Made:
    """Repeating is safe. While the broker or the database does not answer, it tries again for `wait_s` in all, and
    `told` gets the reason each time that it is another.

    PermanentError where the broker or the database refuses; TransientError once the time is over.
    """
    until = time.monotonic() + wait_s
    database_url = settings.database_url.get_secret_value()

    def restart() -> None:
        """No offset that the history keeps means anything in another stream."""
        with contextlib.closing(Database(database_url, writes=True)) as database:
            Store(database).restart()

    upgraded, roles = _patiently(lambda: (upgrade(database_url), grants.renew(database_url)), until, told)
    wanted = (settings.amqp_urls, settings.retry_delays_s, settings.stages)
    made = _patiently(lambda: making.make(*wanted, restart), until, told)
    return Made(made, upgraded, roles)


def _patiently(work: Callable[[], T], until: float, told: Callable[[str], None]) -> T:
    last = ""
    while True:
        try:
            return work()
        except TransientError as error:
            if time.monotonic() + AGAIN_S > until:
                raise
            if str(error) != last:
                last = str(error)
                told(last)
            time.sleep(AGAIN_S)
