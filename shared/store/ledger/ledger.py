"""What workers ask of the ledger, one key at a time; what many threads ask at once goes to the database together.

It knows nothing of files or mail; a worker names its work with a key of its own. One Ledger serves many threads;
any number of processes may share a database. Methods raise TransientError, or UnstorableError for what
the database refuses whenever it comes.
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
"""A database that restarts is back by then, and the message's handler has far longer."""

LARGEST_SET = 200
"""Of keys in one transaction: milliseconds, for which others who want one of them wait."""

LONGEST_WAIT_S = 0.05
"""For the set before; a commit takes less, unless the database has trouble."""

SETS_AT_ONCE = 4
"""Of each kind; a database that has trouble gets no more."""


class Ledger:
    """`database_url` is `sqlite:///path` or `postgresql://…`; ValueError, without the URL in it, for anything else.

    `owner` names this process to people who look. Connects on first use, and makes or upgrades the table then.
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
        """Take the work named `key` for `lease_s` seconds, unless another holds it or it is done.

        `message` is the id of the message that the work is done for, and the work belongs to it until it is done or
        released with `forget`: a claim for another message is told Held even when the lease is over, since that
        message is still in a queue and will go on. `take_over` wins it then all the same: for a person who knows
        that the message is gone. Without a `message` the lease alone decides, and the work's message stays.
        Of any number of callers at once exactly one wins. Repeating is safe, but the winner too is told Held.
        """
        told = self._claims.call((lease_s, take_over), Wanted(_key(key), _key(message)))
        if isinstance(told, UnstorableError):
            raise UnstorableError(str(told))
        return told

    @contextlib.contextmanager
    def holding(self, key: str, won: Won, lease_s: float) -> Iterator[None]:
        """Renew a claim within this block, however long that takes. `lease_s` is the one that it was won with.

        It raises nothing, and it is no proof: while the database is away the lease may end, and another may win.
        `note` tells whether the claim still is yours.
        """
        with self._leases.held(_key(key), won.token, lease_s):
            yield

    def note(self, key: str, token: str, progress: str) -> bool:
        """Remember how far the work came; kept when the claim is given back or its lease runs out.

        False, and nothing is remembered, where another took the claim over meanwhile or the work is done.
        Repeating is safe.
        """
        return _told(self._notes.call(None, Note(_key(key), token, progress)))

    def complete(self, key: str, result: str) -> None:
        """The work is done, whoever holds the claim by now. Repeating is safe: the first result stays.

        Tries for COMPLETE_PATIENCE_S: what is done and not recorded may be done again.
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
        """Give the claim back. Repeating is safe, and so is coming too late.

        The next attempt for the same message wins at once; the others still are told Held. With `forget` the work
        ended without being done, and belongs to no message any more.
        An untouched claim that belongs to none leaves no trace; else the next winner is told that it takes over.
        """
        _told(self._releases.call(None, Claim(_key(key), token, forget)))

    def replace(self, key: str, value: str) -> str | None:
        """Keep `value` as the latest of `key`, which names no work. Returns the one before, None for the first.

        Of callers at once each is told the value of another. Repeating is safe: the same value is told the same.
        """
        return _told(self._latest.call(None, Latest(_key(key), value)))

    def abandon(self, messages: Sequence[str]) -> None:
        """These messages are gone for good: what belonged to them and is not done is won by whoever claims it next.

        Looks through the whole table, so give it many at once. Repeating is safe; a lease is left to its holder.
        """
        for start in range(0, len(messages), LARGEST_SET):
            self.rows.abandon(list(map(_key, messages[start : start + LARGEST_SET])))

    def peek(self, key: str) -> Done | Held | Free:
        """How the work named `key` stands, without claiming it."""
        return self.rows.look(_key(key))

    def prune(self, older_than_s: float, at_most: int = PRUNE_BATCH) -> int:
        """Forget some of what was completed more than so many seconds ago, the oldest first; how many rows.

        Work not done is never forgotten. A key that is forgotten can be won anew: keep for longer than a
        message may come back.
        """
        return self.rows.prune(older_than_s, at_most)

    def upgraded(self) -> bool:
        """Whether the table was made by the first release, and may have rows that know of no message."""
        if self._upgraded is None:
            self._upgraded = self.rows.upgraded()
        return self._upgraded

    def check(self) -> str | None:
        """Why the ledger cannot be used, or None. Raises nothing; waits at most about CONNECT_TIMEOUT_S."""
        try:
            self.rows.check()
        except TransientError as error:
            return str(error)
        return None

    def close(self) -> None:
        """Close the connections. A later call opens new ones."""
        self.rows.engine.dispose()


_key = identifier
"""A key is made of ids that others gave."""


def _told(answer: R | UnstorableError) -> R:
    """A new error for each that asks: one object raised by many threads would gather all their tracebacks."""
    if isinstance(answer, UnstorableError):
        raise UnstorableError(str(answer))
    return answer


def _gather(work: Callable[[K, list[T]], Sequence[R]]) -> Gather[K, T, R | UnstorableError]:
    """What the database refuses of a set is found by halving: the others are answered as if it were not there."""
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
