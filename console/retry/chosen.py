"""Which uploads are tried again: named ones, or all that failed or wait, also by the code of their reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.amqp.operator.dead_letters import DeadLetter
from shared.store.history.filter import Filter
from shared.store.history.queries import Queries
from shared.store.history.upload import State, Upload

MOST = 10_000
"""Uploads that wait, of one run: those that came in last. A portal that was down for long has more."""
PAGE = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """None of the three: nothing is chosen."""

    names: frozenset[str] = frozenset()
    """Ids as they were typed, for a broker whose history does not know them."""
    uploads: tuple[Upload, ...] = ()
    """Those that the history knows."""
    reason: str | None = None
    everything: bool = False

    def has(self, letter: DeadLetter, code: str) -> bool:
        if self.names:
            upload = letter.properties.get("correlation_id")
            return letter.message_id in self.names or upload in self.names or upload in self._ids
        return self.everything or code == self.reason

    @property
    def waiting(self) -> tuple[Upload, ...]:
        return tuple(upload for upload in self.uploads if waits(upload))

    @property
    def _ids(self) -> frozenset[str]:
        return frozenset(upload.correlation_id for upload in self.uploads)


def waits(upload: Upload) -> bool:
    return upload.tried_later


def named(queries: Queries, ids: Sequence[str]) -> Choice:
    found = {each.correlation_id: each for name in ids for each in queries.with_id(name, limit=20)}
    return Choice(frozenset(ids), tuple(found.values()))


def all_that_wait(queries: Queries, reason: str | None) -> Choice:
    waiting = [upload for upload in _waiting(queries) if reason is None or upload.code == reason]
    return Choice(uploads=tuple(waiting), reason=reason, everything=reason is None)


def _waiting(queries: Queries) -> Iterator[Upload]:
    wanted, before = Filter(state=State.WAITING), None
    for _ in range(MOST // PAGE):
        page = queries.page(wanted, before=before, limit=PAGE)
        yield from filter(waits, page.uploads)
        before = page.older
        if before is None:
            return
