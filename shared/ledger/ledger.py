"""What workers ask of the ledger, one key at a time; what many threads ask at once goes to the database together.

It knows nothing of files or mail; a worker names its work with a key of its own. One Ledger serves many threads;
any number of processes may share a database. Methods raise TransientError, and only that.
"""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from shared.errors import TransientError
from shared.gather import Gather
from shared.ledger.rows import PRUNE_BATCH, Claim, Note, Result, Rows
from shared.ledger.standing import Done, Free, Held, Won

T = TypeVar("T")

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

    `owner` names this process to people who look. Connects on first use, and creates the table then.
    """

    def __init__(self, database_url: str, *, owner: str) -> None:
        self.rows = Rows(database_url, owner=owner)
        self._owner = owner
        self._claims: Gather[float, str, Won | Held | Done] = Gather(
            lambda lease_s, keys: self.rows.claim(keys, lease_s),
            limit=LARGEST_SET,
            longest_wait_s=LONGEST_WAIT_S,
            at_once=SETS_AT_ONCE,
        )
        self._notes = _gathered(self.rows.note)
        self._results = _gathered(self.rows.complete)
        self._releases = _gathered(self.rows.release)

    def __repr__(self) -> str:
        return f"Ledger({self.rows.engine.url.render_as_string(hide_password=True)!r}, owner={self._owner!r})"

    def claim(self, key: str, lease_s: float) -> Won | Held | Done:
        """Take the work named `key` for `lease_s` seconds, unless another holds it or it is done.

        Of any number of callers at once exactly one wins. Repeating is safe, but the winner too is told Held.
        """
        return self._claims.call(lease_s, key)

    def note(self, key: str, token: str, progress: str) -> None:
        """Remember how far the work came; kept when the claim is given back or its lease runs out.

        Does nothing where another took the claim over meanwhile or the work is done. Repeating is safe.
        """
        self._notes.call(None, Note(key, token, progress))

    def complete(self, key: str, result: str) -> None:
        """The work is done, whoever holds the claim by now. Repeating is safe: the first result stays.

        Tries for COMPLETE_PATIENCE_S: what is done and not recorded may be done again.
        """
        deadline = time.monotonic() + COMPLETE_PATIENCE_S
        while True:
            try:
                self._results.call(None, Result(key, result))
            except TransientError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def release(self, key: str, token: str) -> None:
        """Give the claim back, so that the next attempt wins at once. Repeating is safe, and so is coming too late.

        An untouched claim leaves no trace; else the next winner is told that it takes over.
        """
        self._releases.call(None, Claim(key, token))

    def peek(self, key: str) -> Done | Held | Free:
        """How the work named `key` stands, without claiming it."""
        return self.rows.look(key)

    def prune(self, older_than_s: float, at_most: int = PRUNE_BATCH) -> int:
        """Forget some of what was completed more than so many seconds ago, the oldest first; how many rows.

        Work not done is never forgotten. A key that is forgotten can be won anew: keep for longer than a
        message may come back.
        """
        return self.rows.prune(older_than_s, at_most)

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


def _gathered(write: Callable[[Sequence[T]], None]) -> Gather[None, T, None]:
    def work(_: None, items: list[T]) -> list[None]:
        write(items)
        return [None] * len(items)

    return Gather(work, limit=LARGEST_SET, longest_wait_s=LONGEST_WAIT_S, at_once=SETS_AT_ONCE)
