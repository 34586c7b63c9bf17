"""Whose turn it is to tell a channel, and what it was told: of any number of processes one sends at a time.

Methods raise TransientError. Leases are by the database's clock; other times are seconds since the epoch, as given.
"""

import contextlib
from collections.abc import Collection, Iterator, Sequence
from uuid import uuid4

import sqlalchemy as sa

from shared.errors import TransientError
from shared.store.database import transaction
from shared.store.ledger.connection import Database
from shared.store.ledger.leases import LEASE_S, Leases
from shared.store.ledger.rows import Claim
from shared.store.problems.known import Failing, Told
from shared.store.problems.tables import CHANNELS, TOLD
from shared.store.problems.versions import PROBLEMS as PART
from shared.text.outside import storable

_C = CHANNELS.c


class Turns:
    """`database_url` as the ledger takes it. For many threads."""

    def __init__(self, database_url: str) -> None:
        self._database = Database(database_url, PART)
        self._leases = Leases(self._renew)

    def close(self) -> None:
        self._database.engine.dispose()

    @contextlib.contextmanager
    def taken(self, channel: str, now: float) -> Iterator[str | None]:
        """The token of who may tell the channel within this block. None: another process is at it, or it failed and
        is not to be tried before a later time.

        It is renewed meanwhile. The turn of a process that was killed ends LEASE_S later.
        """
        token = uuid4().hex
        free = sa.and_(_C.leased_until < self._database.now, _C.next_at <= now)
        until = self._database.now + LEASE_S
        row = {"channel": channel, "token": token, "leased_until": until, "next_at": 0.0, "tries": 0}
        insert = self._database.insert(CHANNELS).values(row)
        taken = insert.on_conflict_do_update(
            index_elements=["channel"], set_={"token": token, "leased_until": until}, where=free
        )
        with self._database.connection(writes=True) as connection:
            won = connection.execute(taken.returning(_C.token)).first() is not None
        if not won:
            yield None
            return
        try:
            with self._leases.held(channel, token):
                yield token
        finally:
            with contextlib.suppress(TransientError):  # then it ends with its lease
                self._end(channel, token)

    def record(self, told: Sequence[Told]) -> None:
        """They were told, and the channel works. A repeat changes nothing."""
        with self._database.connection(writes=True) as connection, transaction(connection):
            for each in told:
                row = {"problem": each.problem, "what": each.what, "channel": each.channel, "at": each.at}
                connection.execute(self._database.insert(TOLD).values(row).on_conflict_do_nothing())
            works = {"next_at": 0.0, "tries": 0, "fault": None}
            names = {each.channel for each in told}
            connection.execute(sa.update(CHANNELS).where(_C.channel.in_(names)).values(works))

    def failed(self, channel: str, fault: str, next_at: float) -> None:
        """It took nothing, and is tried again at `next_at`."""
        told = {"fault": storable(fault), "next_at": next_at, "tries": _C.tries + 1}
        with self._database.connection(writes=True) as connection:
            connection.execute(sa.update(CHANNELS).where(_C.channel == channel).values(told))

    def failing(self) -> dict[str, Failing]:
        """By channel."""
        query = sa.select(CHANNELS).where(_C.tries > 0)
        with self._database.connection() as connection:
            rows = connection.execute(query).all()
        return {row.channel: Failing(row.channel, row.tries, row.fault or "", row.next_at) for row in rows}

    def told(self, problems: Collection[str]) -> list[Told]:
        query = sa.select(TOLD).where(TOLD.c.problem.in_(problems)).order_by(TOLD.c.at)
        with self._database.connection() as connection:
            return [Told(row.problem, row.what, row.channel, row.at) for row in connection.execute(query)]

    def _renew(self, claims: Sequence[Claim], lease_s: float) -> None:
        with self._database.connection(writes=True) as connection:
            for claim in claims:
                mine = (_C.channel == claim.key, _C.token == claim.token)
                until = self._database.now + lease_s
                connection.execute(sa.update(CHANNELS).where(*mine).values(leased_until=until))

    def _end(self, channel: str, token: str) -> None:
        mine = (_C.channel == channel, _C.token == token)
        with self._database.connection(writes=True) as connection:
            connection.execute(sa.update(CHANNELS).where(*mine).values(token=None, leased_until=0.0))
