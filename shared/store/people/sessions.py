"""Who is signed in, where and since when. Methods raise TransientError. Times are seconds since the epoch."""

import secrets
from dataclasses import dataclass

import sqlalchemy as sa

from shared.store.ledger.connection import Database
from shared.store.people.people import folded, person_from
from shared.store.people.person import Person
from shared.store.people.tables import PEOPLE, SESSIONS
from shared.store.people.tokens import hash_of, new_token
from shared.text.outside import cut, storable

IDLE_S = 12 * 3600
"""Without a request for so long it is over."""
LONGEST_S = 14 * 86_400
"""Then it is over in any case."""
SEEN_EVERY_S = 60
"""Else each page would be a write."""
ID_BYTES = 6
AGENT_BYTES = 200


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    person: Person
    began_at: float
    seen_at: float
    address: str
    agent: str
    """What the browser calls itself; cut."""


class Sessions:
    """Safe from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, name: str, now: float, *, address: str, agent: str) -> str:
        """The token for the cookie, told once. What is over is forgotten meanwhile."""
        token = new_token()
        row = {
            "token": hash_of(token), "id": secrets.token_hex(ID_BYTES), "name": folded(name), "began_at": now,
            "seen_at": now, "address": storable(address, AGENT_BYTES), "agent": storable(agent, AGENT_BYTES),
        }  # fmt: skip
        with self._database.connection(writes=True) as connection:
            connection.execute(sa.delete(SESSIONS).where(sa.not_(_goes_on(now))))
            connection.execute(sa.insert(SESSIONS).values(row))
        return token

    def find(self, token: str, now: float) -> Session | None:
        """None where it was ended, or is over."""
        with self._database.connection() as connection:
            row = connection.execute(_of_people().where(SESSIONS.c.token == hash_of(token), _goes_on(now))).first()
        if row is None:
            return None
        if now - row.seen_at >= SEEN_EVERY_S:
            with self._database.connection(writes=True) as connection:
                seen = sa.update(SESSIONS).where(SESSIONS.c.token == hash_of(token))
                connection.execute(seen.values(seen_at=now))
        return _session(row)

    def of(self, name: str, now: float) -> list[Session]:
        """Those of one person, the last seen first."""
        query = (
            _of_people().where(SESSIONS.c.name == folded(name), _goes_on(now)).order_by(SESSIONS.c.seen_at.desc())
        )
        with self._database.connection() as connection:
            return [_session(row) for row in connection.execute(query)]

    def end(self, name: str, session: str | None = None) -> None:
        """One of a person's sessions, by its public id, or all. Repeating it changes nothing."""
        mine = [SESSIONS.c.name == folded(name), *([SESSIONS.c.id == session] if session is not None else [])]
        with self._database.connection(writes=True) as connection:
            connection.execute(sa.delete(SESSIONS).where(*mine))


def _goes_on(now: float) -> sa.ColumnElement[bool]:
    return sa.and_(SESSIONS.c.seen_at > now - IDLE_S, SESSIONS.c.began_at > now - LONGEST_S)


def _of_people() -> sa.Select[tuple[object, ...]]:
    mine = (SESSIONS.c.id, SESSIONS.c.began_at, SESSIONS.c.seen_at, SESSIONS.c.address, SESSIONS.c.agent)
    return sa.select(PEOPLE, *mine).join(SESSIONS, SESSIONS.c.name == PEOPLE.c.name)


def _session(row: sa.Row[tuple[object, ...]]) -> Session:
    return Session(row.id, person_from(row), row.began_at, row.seen_at, row.address, cut(row.agent, AGENT_BYTES))
