"""Sends webhooks in batches of up to ten for the whole portal. Each batch takes as long as its slowest.

A run ends when the portal restarts. What it had taken and what still waits is then never sent.
"""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from simulator.outgoing.delivery import Courier
from simulator.outgoing.webhooks import Webhooks

BATCH = 10
OVERTAKES = 0.25
"""Of two neighbours in one batch the second is as often the first to arrive: 22 to 33 of 100 twins were."""

T = TypeVar("T")


class Sender:
    def __init__(self, webhooks: Webhooks, chance: random.Random, *, retry_base_s: float, poll_s: float) -> None:
        """Waits between attempts are `retry_base_s` times 1, 2, 4, 8, 16, between looks at no queue `poll_s`."""
        self._webhooks = webhooks
        self._chance = chance
        self._retry_base_s = retry_base_s
        self._poll_s = poll_s
        self._run = self._new()

    def _new(self) -> "Run":
        return Run(self._webhooks, self._chance, self._retry_base_s, self._poll_s)

    def start(self) -> None:
        self._run.start()

    def restart(self) -> int:
        """As the portal's own: rows that wait, or whose attempts are not over, stay as they are for ever.

        Tells how many waited.
        """
        self._run.end()
        forgotten = self._webhooks.restart()
        self._run = self._new()
        self._run.start()
        return forgotten

    def stop(self) -> None:
        self._run.end()
        self._run.join()


class Run:
    """From one start of the portal to its end."""

    def __init__(self, webhooks: Webhooks, chance: random.Random, retry_base_s: float, poll_s: float) -> None:
        self._webhooks = webhooks
        self._chance = chance
        self._poll_s = poll_s
        self._over = threading.Event()
        self._courier = Courier(webhooks, self._over, retry_base_s)
        self._thread = threading.Thread(target=self._loop, name="simulator-webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Returns at once: an answer that is still owed is not waited for, and is not written down."""
        self._over.set()

    def join(self) -> None:
        self._thread.join(timeout=5.0)

    def _loop(self) -> None:
        with ThreadPoolExecutor(BATCH, thread_name_prefix="simulator-webhook") as pool:
            while not self._over.is_set():
                if self._webhooks.waiting():
                    self._send(pool)
                else:
                    self._over.wait(self._poll_s)

    def _send(self, pool: ThreadPoolExecutor) -> None:
        """What waits now. What comes meanwhile is not taken, though the last batch may be a small one."""
        left = self._webhooks.waiting()
        while left > 0 and not self._over.is_set():
            batch = self._webhooks.take(min(BATCH, left))
            left = left - len(batch) if batch else 0
            list(pool.map(self._courier.deliver, in_some_order(batch, self._chance)))


def in_some_order(batch: list[T], chance: random.Random) -> list[T]:
    """They are sent in parallel, so that twins come in either order."""
    order = list(batch)
    for place in range(len(order) - 1):
        if chance.random() < OVERTAKES:
            order[place], order[place + 1] = order[place + 1], order[place]
    return order
