"""The claim on one upload, under its key and under the key that the first released version gave it.

A claim belongs to a message that is safe in our queues. Another message of the same upload leaves the work to that
one, but for two cases. An operator's sweep takes the claim over, as it runs when a message may be lost. So does a
message that came after the holder had become a dead letter, such as the portal's retry by hand.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from mover import dead_letters, plan
from mover.names import Names
from mover.plan import Progress
from shared.errors import TransientError
from shared.store import released
from shared.store.ledger import Done, Held, Ledger, Won
from shared.store.ledger.leases import LEASE_S
from shared.text.codes import Code
from shared.wire.message import Message


class ClaimLostError(TransientError):
    """The claim's lease ended, so another worker may have taken the work over."""

    def __init__(self) -> None:
        super().__init__("this worker no longer holds the claim", code=Code.CLAIM_LOST)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that is ours until its lease ends."""

    ledger: Ledger
    names: Names
    won: Won
    old: Won | None
    progress: Progress | None
    """What an earlier attempt noted."""

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Renews the leases for as long as the block runs."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.ledger.holding(self.names.key, self.won, LEASE_S))
            if self.old and self.names.released:
                stack.enter_context(self.ledger.holding(self.names.released, self.old, LEASE_S))
            yield

    def note(self, progress: Progress | None) -> bool:
        """Note the progress. Returns whether the claim is still ours."""
        text = plan.progress_text(progress)
        if self.old and self.names.released:
            self.ledger.note(self.names.released, self.old.token, text)
        return self.ledger.note(self.names.key, self.won.token, text)

    def complete(self, result: str) -> None:
        self.ledger.complete(self.names.key, result)
        if self.old and self.names.released:
            self.ledger.complete(self.names.released, result)

    def release(self, *, forget: bool) -> None:
        """Give the claim up for the next attempt, with what was noted. `forget`: there is no further work."""
        if self.old and self.names.released:
            self.ledger.release(self.names.released, self.old.token)
        self.ledger.release(self.names.key, self.won.token, forget=forget)


def claim(ledger: Ledger, names: Names, message: Message) -> Claim | Held | Done:
    """Claim the upload. TransientError if the ledger cannot be reached. Repeating is safe."""
    holder = "" if names.shared_by_uploads else message.message_id
    found = ledger.claim(names.key, LEASE_S, message=holder, take_over=bool(message.swept))
    if isinstance(found, Held) and holder and _is_left_behind(ledger, found, message):
        found = ledger.claim(names.key, LEASE_S, message=holder, take_over=True)
    match found:
        case Won() as won:
            return _with_released(ledger, names, won)
        case Held() | Done() as other:
            return other
        case never:
            assert_never(never)


def _is_left_behind(ledger: Ledger, held: Held, message: Message) -> bool:
    """Whether nobody works on it, and the message that it belongs to became a dead letter before this one came."""
    is_idle = held.remaining_s == 0 and held.message not in {"", message.message_id}
    return is_idle and dead_letters.may_follow(ledger, message, held.message)


def _with_released(ledger: Ledger, names: Names, won: Won) -> Claim | Held | Done:
    progress = plan.progress_from(won.progress)
    if names.released is None:
        return Claim(ledger, names, won, None, progress)
    match ledger.claim(names.released, LEASE_S):
        case Done() as done if plan.is_of_file(done, names.created_at):
            ledger.complete(names.key, done.result)
            return done
        case Done():  # of the file that had the id before
            return Claim(ledger, names, won, None, progress)
        case Held() as held:
            ledger.release(names.key, won.token)
            return Held(held.remaining_s, held.owner, held.progress)
        case Won() as old:
            earlier = plan.progress_from(old.progress)
            if progress is None and earlier and released.is_same_file(names.created_at, None, earlier.sent_at):
                progress = earlier
            return Claim(ledger, names, won, old, progress)
        case found:
            assert_never(found)
