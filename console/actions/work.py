"""What is left of an action, for the process that holds it: each item is noted before it is done, and after."""

import time
from collections import defaultdict, deque

from shared.runtime.crash_points import CrashPoint, reached
from shared.store.actions.action import Item, ItemState
from shared.store.actions.store import ActionStore

LOOK_EVERY_S = 3.0
"""Between two items that are far apart: whether it was stopped, and for the lease to hold."""


class Work:
    """For one thread. Methods raise TransientError."""

    def __init__(self, store: ActionStore, action_id: str, holder: str) -> None:
        self._store, self._action_id, self._holder = store, action_id, holder
        self._left: defaultdict[str, deque[Item]] = defaultdict(deque)
        for item in store.items(action_id, ItemState.PENDING, ItemState.BEGUN):
            self._left[item.key].append(item)
        self._looked_at = time.monotonic()
        self.stopped = False
        """Or another holds it by now: nothing more is to be done."""

    @property
    def left(self) -> list[Item]:
        """In their order."""
        return sorted((item for items in self._left.values() for item in items), key=lambda item: item.place)

    def next_with(self, key: str) -> Item | None:
        items = self._left.get(key)
        return items[0] if items else None

    def begin(self, item: Item) -> float | None:
        """When it was begun first, in seconds since the epoch; None: it is not to be done now."""
        at = None if self.stopped else self._store.begin(self._action_id, self._holder, item.place)
        self.stopped = at is None
        self._looked_at = time.monotonic()
        reached(CrashPoint.ITEM_BEGUN)
        return at

    def done(self, item: Item) -> None:
        reached(CrashPoint.ITEM_DONE)
        self._end(item)

    def failed(self, item: Item, why: str) -> None:
        """For good: it is not tried again."""
        self._end(item, why)

    def may_go_on(self) -> bool:
        """Between items, where that takes long."""
        if not self.stopped and time.monotonic() - self._looked_at > LOOK_EVERY_S:
            self._looked_at = time.monotonic()
            self.stopped = not self._store.renew(self._action_id, self._holder)
        return not self.stopped

    def keys_done(self) -> list[str]:
        """Of all that was done, by whomever."""
        return [item.key for item in self._store.items(self._action_id, ItemState.DONE)]

    def _end(self, item: Item, why: str | None = None) -> None:
        self._store.end(self._action_id, item.place, why=why)
        self._left[item.key].remove(item)
        reached(CrashPoint.ITEM_ENDED)
