"""What workers ask of the ledger, one key at a time. What many threads ask at once goes to the database as one set.

The ledger knows nothing of files or mail: a worker names its work with a key of its own. One Ledger serves many
threads, and any number of processes may share a database. Methods raise TransientError. They raise UnstorableError
for data that the database refuses every time.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from shared.errors import TransientError
from shared.store.faults import UnstorableError, halved
from shared.store.ledger.claim_states import Done, Free, Held, Won
from shared.store.ledger.leases import Leases
from shared.store.ledger.rows import PRUNE_BATCH, Claim, Latest, Note, Result, Rows, Wanted
from shared.text.outside import identifier
from shared.threads.batching import Gather

K = TypeVar("K")
T = TypeVar("T")
R = TypeVar("R")

COMPLETE_PATIENCE_S = 10
"""Long enough for a database to restart, and far less than a message's handler may take."""

LARGEST_SET = 200
"""The most keys in one transaction. It takes milliseconds, and others who want one of the keys wait for it."""

LONGEST_WAIT_S = 0.05
"""How long a set waits for the one before. A commit takes less, unless the database has trouble."""

SETS_AT_ONCE = 4
"""The most sets of one kind at once, also while the database has trouble."""


class Ledger:
    """`database_url` is `sqlite:///path` or `postgresql://…`. Another raises ValueError, which does not show it.

    `owner` names this process for people. Connects on first use, and makes or upgrades the table then.
    """

    def __init__(self, database_url: str, *, owner: str) -> None:
        self.rows = Rows(database_url, owner=owner)
        self._owner = owner
        self._leases = Leases(self.rows.renew)
        self._claims: Gather[tuple[float, bool], Wanted, Won | Held | Done | UnstorableError] = _gather(
            lambda how, wanted: self.rows.claim(wanted, how[0], take_over=how[1])
        )
        self._notes: Gather[None, Note, bool | UnstorableError] = _gather(lambda _, notes: self.rows.note(notes))
        self._results = _gather(_unanswered(self.rows.complete))
        self._latest: Gather[None, Latest, str | UnstorableError | None] = _gather(
            lambda _, latest: self.rows.replace(latest)
        )
        self._releases = _gather(_unanswered(self.rows.release))
        self._upgraded: bool | None = None

    def __repr__(self) -> str:
        return f"Ledger({self.rows.engine.url.render_as_string(hide_password=True)!r}, owner={self._owner!r})"

    def claim(self, key: str, lease_s: float, *, message: str = "", take_over: bool = False) -> Won | Held | Done:
        """Take the work named `key` for `lease_s` seconds, unless somebody else holds it or it is done.

        `message` is the id of the message that the work is done for. The work belongs to that message until it is
        done or released with `forget`. Until then a claim for another message gets Held even after the lease ended,
        because the first message is still in a queue and will go on. If a person knows that the message is gone,
        `take_over` wins the work all the same once the lease ended. Without a `message` only the lease counts, and
        the work keeps its message. If many callers claim at once, exactly one wins. Repeating is safe, but then the
        winner gets Held too.
        """
        told = self._claims.call((lease_s, take_over), Wanted(_key(key), _key(message)))
        if isinstance(told, UnstorableError):
            raise UnstorableError(str(told))
        return told

    @contextlib.contextmanager
    def holding(self, key: str, won: Won, lease_s: float) -> Iterator[None]:
        """Renew a claim within this block, however long that takes. `lease_s` is what it was won with.

        Raises nothing. The claim may still be lost: while the database is away the lease may end, and another may
        win. `note` tells whether the claim is still yours.
        """
        with self._leases.held(_key(key), won.token, lease_s):
            yield

    def note(self, key: str, token: str, progress: str) -> bool:
        """Remember how far the work came. This is kept when the claim is given back or its lease expires.

        If somebody took the claim over meanwhile, or the work is done, nothing is remembered and it returns False.
        Repeating is safe.
        """
        return _told(self._notes.call(None, Note(_key(key), token, progress)))

    def complete(self, key: str, result: str) -> None:
        """Record that the work is done, whoever holds the claim now. Repeating is safe: the first result stays.

        Tries for COMPLETE_PATIENCE_S, because work that is done but not recorded may be done again.
        """
        deadline = time.monotonic() + COMPLETE_PATIENCE_S
        while True:
            try:
                _told(self._results.call(None, Result(_key(key), result)))
            except TransientError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def release(self, key: str, token: str, *, forget: bool = False) -> None:
        """Give the claim back. Repeating is safe, also after somebody else won it.

        The next attempt for the same message wins at once; claims for other messages still get Held. With `forget`
        the work ended without being done, and no longer belongs to a message.
        If somebody may have begun, because progress was noted or the work was won before, the next winner is told
        so with `taken_over`. Else nothing stays of a claim without a message.
        """
        _told(self._releases.call(None, Claim(_key(key), token, forget)))

    def replace(self, key: str, value: str) -> str | None:
        """Keep `value` as the latest of `key`, which names no work. Returns the value before, None for the first.

        If several callers come at once, each gets a different one. Repeating is safe: the same value gets the same
        answer.
        """
        return _told(self._latest.call(None, Latest(_key(key), value)))

    def abandon(self, messages: Sequence[str]) -> None:
        """Tell the ledger that these messages are gone for good. Whoever next claims their unfinished work wins it.

        Reads the whole table, so give it many messages at once. Repeating is safe. A lease stays with its holder.
        """
        for start in range(0, len(messages), LARGEST_SET):
            self.rows.abandon(list(map(_key, messages[start : start + LARGEST_SET])))

    def peek(self, key: str) -> Done | Held | Free:
        """The state of the work named `key`, without claiming it."""
        return self.rows.look(_key(key))

    def prune(self, older_than_s: float, at_most: int = PRUNE_BATCH) -> int:
        """Delete some of the rows completed more than `older_than_s` ago, the oldest first. Returns how many.

        Unfinished work is never deleted. The work of a deleted key can be won again, so keep rows for longer than a
        message may take to come back.
        """
        return self.rows.prune(older_than_s, at_most)

    def upgraded(self) -> bool:
        """Whether the first release made the table. Then some rows may have no message."""
        if self._upgraded is None:
            self._upgraded = self.rows.upgraded()
        return self._upgraded

    def check(self) -> str | None:
        """Why the ledger cannot be used, or None. Raises nothing. Waits at most about CONNECT_TIMEOUT_S."""
        try:
            self.rows.check()
        except TransientError as error:
            return str(error)
        return None

    def close(self) -> None:
        """Close the connections. A later call opens new ones."""
        self.rows.engine.dispose()


_key = identifier
"""Applied to every key, because keys are made of ids from outside."""


def _told(answer: R | UnstorableError) -> R:
    """Raises a new error for each caller. One object raised by many threads would collect all their tracebacks."""
    if isinstance(answer, UnstorableError):
        raise UnstorableError(str(answer))
    return answer


def _gather(work: Callable[[K, list[T]], Sequence[R]]) -> Gather[K, T, R | UnstorableError]:
    """If the database refuses a set, halving finds the bad items. The others get the answer that they get alone."""
    return Gather(
        lambda how, items: halved(lambda some: work(how, some), items),
        limit=LARGEST_SET,
        longest_wait_s=LONGEST_WAIT_S,
        at_once=SETS_AT_ONCE,
    )


def _unanswered(write: Callable[[Sequence[T]], None]) -> Callable[[None, list[T]], list[None]]:
    def work(_: None, items: list[T]) -> list[None]:
        write(items)
        return [None] * len(items)

    return work
